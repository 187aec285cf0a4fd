package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.model.gguf.PreTokenizer.ByteLevel;
import io.metalmarlin.formats.model.gguf.PreTokenizer.Digits;
import io.metalmarlin.formats.model.gguf.PreTokenizer.Punctuation;
import io.metalmarlin.formats.model.gguf.PreTokenizer.Split;
import io.metalmarlin.formats.model.gguf.PreTokenizer.Step;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// The pre-tokenizers that have a name in GGUF.
///
/// Source: llama.cpp `llama-vocab.cpp` (names that share an expression) and the `tokenizer.json` of
/// the families (the expressions as they are written there).
final class PreTokenizers {
  private static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
  private static final String SPACES = "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String WORDS = "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
  private static final String SYMBOLS = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|";
  private static final String SYMBOLS_SLASH = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|";
  private static final String UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
  private static final String LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
  private static final String BEFORE = "[^\\r\\n\\p{L}\\p{N}]?";

  private static final String GPT2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
  private static final String QWEN2 = CONTRACTIONS + WORDS + "\\p{N}" + SYMBOLS + SPACES;
  private static final String LLAMA3 = CONTRACTIONS + WORDS + "\\p{N}{1,3}" + SYMBOLS + SPACES;
  private static final String TEKKEN =
      BEFORE
          + UPPER
          + "*"
          + LOWER
          + "+|"
          + BEFORE
          + UPPER
          + "+"
          + LOWER
          + "*|\\p{N}"
          + SYMBOLS_SLASH
          + SPACES;
  private static final String GPT4O =
      BEFORE
          + UPPER
          + "*"
          + LOWER
          + "+"
          + CONTRACTIONS
          + "?|"
          + BEFORE
          + UPPER
          + "+"
          + LOWER
          + "*"
          + CONTRACTIONS
          + "?|\\p{N}{1,3}"
          + SYMBOLS_SLASH
          + SPACES;
  private static final String DEEPSEEK3 =
      "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
          + "|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
          + "| ?[\\p{P}\\p{S}]+[\\r\\n]*|"
          + SPACES;
  private static final String QWEN35 =
      CONTRACTIONS
          + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|"
          + SPACES;
  private static final String BAILING =
      "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}"
          + "| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+";
  private static final Split BLOOM =
      new Split(" ?[^(\\s|[.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c])]+");

  /// Expressions that leave nothing of a text between their matches.
  static final Set<String> WHOLE = Set.of(QWEN2, QWEN35, LLAMA3, TEKKEN, GPT4O, BAILING);

  private static final Split LINES = new Split("[\r\n]");
  private static final Split ASIAN = new Split("[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+");
  private static final Step BYTES = new ByteLevel(false);

  static final List<PreTokenizer> ALL =
      List.of(
          entry(
              List.of(
                  "qwen2", "deepseek-r1-qwen", "stablelm2", "hunyuan", "megrez", "kormo", "grok-2"),
              new Split(QWEN2),
              BYTES),
          new PreTokenizer(
              List.of(
                  "llama-bpe",
                  "llama3",
                  "llama-v3",
                  "falcon3",
                  "falcon-h1",
                  "pixtral",
                  "midm-2.0",
                  "lfm2"),
              List.of(new Split(LLAMA3), BYTES),
              true),
          entry(List.of("dbrx", "smaug-bpe", "glm4", "chatglm-bpe"), new Split(LLAMA3), BYTES),
          entry(List.of("qwen35"), new Split(QWEN35), BYTES),
          entry(List.of("bailingmoe", "bailingmoe2", "llada-moe"), new Split(BAILING), BYTES),
          entry(List.of("bloom", "poro-chat", "gpt3-finnish"), BLOOM, BYTES),
          entry(List.of("viking"), BLOOM, new Digits(true), BYTES),
          entry(
              List.of("falcon"),
              new Punctuation(),
              new ByteLevel(true),
              new Digits(false),
              new Split("[0-9][0-9][0-9]")),
          entry(
              List.of(
                  "gpt-2",
                  "phi-2",
                  "jina-es",
                  "jina-de",
                  "jina-v2-es",
                  "jina-v2-de",
                  "gigachat",
                  "a.x-4.0",
                  "mellum",
                  "mpt",
                  "olmo",
                  "jais",
                  "trillion",
                  "granite-docling",
                  "exaone4"),
              new ByteLevel(true)),
          entry(
              List.of(
                  "smollm",
                  "starcoder",
                  "refact",
                  "command-r",
                  "codeshell",
                  "exaone",
                  "minerva-7b"),
              new Digits(true),
              new ByteLevel(true)),
          entry(
              List.of("deepseek-v3", "hunyuan-dense"),
              new Split("\\p{N}{1,3}"),
              new Split("[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+"),
              new Split(DEEPSEEK3),
              BYTES),
          entry(
              List.of("deepseek-llm"),
              LINES,
              new Split("\\s?" + CasedLetters.CLASS + "+"),
              new Split("\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+"),
              new Split("\\s+$"),
              ASIAN,
              new Digits(true),
              BYTES),
          entry(
              List.of("deepseek-coder"),
              LINES,
              new Split("\\s?\\p{L}+"),
              new Split("\\s?\\p{P}+"),
              ASIAN,
              new Digits(true),
              BYTES),
          new PreTokenizer(List.of("tekken"), List.of(new Split(TEKKEN), BYTES), true),
          entry(List.of("gpt-4o", "llama4"), new Split(GPT4O), BYTES),
          entry(
              List.of("default"),
              new Split("[\\p{P}\\$\\+<=>\\^~\\|]+"),
              new Split(GPT2),
              new Split("\\p{N}+"),
              new Split("[0-9][0-9][0-9]"),
              BYTES));

  private PreTokenizers() {}

  private static PreTokenizer entry(List<String> names, Step... steps) {
    return new PreTokenizer(names, List.of(steps), false);
  }

  /// The pre-tokenizer of that name.
  ///
  /// @param where the file, for the message
  /// @throws MarlinException `TOKENIZER_MALFORMED` naming one that is not known
  static PreTokenizer named(String name, String where) {
    return ALL.stream()
        .filter(p -> p.names().contains(name))
        .findFirst()
        .orElseThrow(() -> unknown(where, "tokenizer.ggml.pre \"" + name + "\" is not known"));
  }

  /// The name of what a `tokenizer.json` does.
  ///
  /// @param preTokenizer its `pre_tokenizer`
  /// @throws MarlinException `TOKENIZER_MALFORMED` where GGUF has no name for it
  static PreTokenizer of(JsonNode preTokenizer, boolean ignoreMerges, String where) {
    List<Step> steps =
        PreTokenizer.steps(preTokenizer)
            .orElseThrow(
                () -> unknown(where, "pre_tokenizer " + preTokenizer + " has no name in GGUF"));
    List<PreTokenizer> same = ALL.stream().filter(p -> p.steps().equals(steps)).toList();
    return same.stream()
        .filter(p -> p.ignoreMerges() == ignoreMerges)
        .findFirst()
        .or(() -> same.stream().findFirst())
        .orElseThrow(
            () -> unknown(where, "pre_tokenizer " + preTokenizer + " has no name in GGUF"));
  }

  private static MarlinException unknown(String where, String what) {
    return new MarlinException(
        ErrorCode.TOKENIZER_MALFORMED,
        where,
        what,
        "Known are "
            + ALL.stream().map(p -> p.names().getFirst()).collect(Collectors.joining(", "))
            + "; a wrong guess would change token ids without a word. Write another format, or use"
            + " llama.cpp's own converter for this model's tokenizer and convert from its file.");
  }
}
