package io.metalmarlin.runtime.text.tiktoken;

import io.metalmarlin.runtime.text.settings.TokenizerSettings;
import io.metalmarlin.runtime.text.spec.TokenizerErrors;
import io.metalmarlin.runtime.text.vocabulary.AddedToken;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// How the families with rank files cut texts, by `tokenizer_class` of `tokenizer_config.json` or
/// `model_type` of `config.json`.
///
/// Source of the expressions: the tokenizer code in the families' repositories.
final class RankFamilies {
  private static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
  private static final String WORDS = "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
  private static final String SYMBOLS = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|";
  private static final String SPACES = "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String THREE_DIGITS =
      CONTRACTIONS + WORDS + "\\p{N}{1,3}" + SYMBOLS + SPACES;
  private static final String ONE_DIGIT = CONTRACTIONS + WORDS + "\\p{N}" + SYMBOLS + SPACES;
  private static final String BEFORE = "[^\\r\\n\\p{L}\\p{N}]?";
  private static final String O200K =
      cased("") + "\\p{N}{1,3}" + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|" + SPACES;
  private static final String KIMI =
      "[\\p{Han}]+|" + cased("&&[^\\p{Han}]") + "\\p{N}{1,3}" + SYMBOLS + SPACES;

  private static final List<Family> ALL =
      List.of(
          new Family(
              Set.of("llama", "mllama", "Llama3Tokenizer"), THREE_DIGITS, "", true, llama3()),
          new Family(Set.of("llama4", "gpt_oss"), O200K, "", true, List.of()),
          new Family(Set.of("qwen", "QWenTokenizer"), ONE_DIGIT, "NFC", false, qwen()),
          new Family(
              Set.of("hunyuan", "hunyuan_v1_dense", "hunyuan_v1_moe", "HYTokenizer"),
              ONE_DIGIT,
              "NFC",
              false,
              List.of()),
          new Family(
              Set.of("glm4", "chatglm", "ChatGLM4Tokenizer"), THREE_DIGITS, "", false, List.of()),
          new Family(Set.of("Arcade100kTokenizer"), THREE_DIGITS, "NFC", false, List.of()),
          new Family(Set.of("kimi_k2", "TikTokenTokenizer"), KIMI, "", false, List.of()));

  /// @param names classes and model types
  /// @param regex cuts texts
  /// @param normalizer a kind of normalizer, empty for none
  /// @param begins whether texts begin with the begin token unless the settings say otherwise
  /// @param specials special tokens from the first id behind the ranks on; empty where only the
  ///   settings know them
  record Family(
      Set<String> names, String regex, String normalizer, boolean begins, List<String> specials) {
    /// Special tokens: those that the settings list, else the family's own.
    ///
    /// @throws io.metalmarlin.formats.MarlinException `TOKENIZER_MALFORMED` where nobody knows them
    List<AddedToken> added(TokenizerSettings settings, int ranks, TokenizerErrors errors) {
      if (settings.node().has("added_tokens_decoder")) {
        return settings.added(List.of());
      }
      if (specials.isEmpty()) {
        throw errors.unsupported(
            "a rank file of this family without added_tokens_decoder in tokenizer_config.json");
      }
      List<AddedToken> all = new ArrayList<>();
      for (String token : specials) {
        all.add(AddedToken.special(ranks + all.size(), token));
      }
      return all;
    }
  }

  private RankFamilies() {}

  /// @throws io.metalmarlin.formats.MarlinException `TOKENIZER_MALFORMED` naming a family that is
  ///   not in the list
  static Family of(TokenizerSettings settings, TokenizerErrors errors) {
    for (String name : List.of(settings.tokenizerClass(), settings.modelType())) {
      for (Family family : ALL) {
        if (family.names().contains(name)) {
          return family;
        }
      }
    }
    Set<String> known = new LinkedHashSet<>();
    ALL.forEach(f -> f.names().stream().sorted().forEach(known::add));
    throw errors.unknownKind(
        "rank file: tokenizer_class \"%s\", model_type".formatted(settings.tokenizerClass()),
        settings.modelType(),
        known);
  }

  /// Words told apart by case, as o200k does.
  ///
  /// @param except taken out of every class of letters
  private static String cased(String except) {
    String upper = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}" + except + "]";
    String lower = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}" + except + "]";
    return BEFORE
        + upper
        + "*"
        + lower
        + "+"
        + CONTRACTIONS
        + "?|"
        + BEFORE
        + upper
        + "+"
        + lower
        + "*"
        + CONTRACTIONS
        + "?|";
  }

  private static List<String> llama3() {
    List<String> all =
        new ArrayList<>(
            List.of(
                "<|begin_of_text|>",
                "<|end_of_text|>",
                "<|reserved_special_token_0|>",
                "<|reserved_special_token_1|>",
                "<|reserved_special_token_2|>",
                "<|reserved_special_token_3|>",
                "<|start_header_id|>",
                "<|end_header_id|>",
                "<|reserved_special_token_4|>",
                "<|eot_id|>"));
    for (int i = 5; all.size() < 256; i++) {
      all.add("<|reserved_special_token_" + i + "|>");
    }
    return List.copyOf(all);
  }

  private static List<String> qwen() {
    List<String> all = new ArrayList<>(List.of("<|endoftext|>", "<|im_start|>", "<|im_end|>"));
    for (int i = 0; i < 205; i++) {
      all.add("<|extra_" + i + "|>");
    }
    return List.copyOf(all);
  }
}
