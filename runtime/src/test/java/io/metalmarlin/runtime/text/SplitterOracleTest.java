package io.metalmarlin.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.metalmarlin.runtime.text.spec.Spec;
import io.metalmarlin.runtime.text.spec.TokenizerErrors;
import io.metalmarlin.runtime.text.split.PreTokenizers;
import io.metalmarlin.runtime.text.split.Splitter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Pre-tokenizers cut texts into the pieces that the `tokenizers` library cuts. With a vocabulary
/// of single bytes each id is a byte, and the library's word ids say which piece it belongs to.
class SplitterOracleTest {
  private static final String O200K =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
          + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
          + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+"
          + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}"
          + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String LLAMA3 =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
          + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String GPT4 =
      "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}{1,3}"
          + "| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+";
  private static final String DEEPSEEK =
      "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
          + "|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
          + "| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  static List<Arguments> preTokenizers() {
    List<Arguments> all = new ArrayList<>();
    all.add(named("GPT-2", byteLevel(false, true)));
    all.add(named("prefix space", byteLevel(true, true)));
    all.add(named("prefix space, no regex", byteLevel(true, false)));
    all.add(named("byte level alone", byteLevel(false, false)));
    all.add(named("digits one by one", digits(true), byteLevel(false, true)));
    all.add(named("digits in runs", digits(false), byteLevel(true, false)));
    all.add(named("removed", split("Regex", "\\s+", "Removed", false), byteLevel(false, false)));
    all.add(named("kept", split("Regex", LLAMA3, "Removed", true), byteLevel(false, false)));
    all.add(named("literal", split("String", "(); ", "Isolated", false), byteLevel(false, false)));
    all.add(
        named(
            "DeepSeek V3",
            isolated("\\p{N}{1,3}"),
            isolated("[一-龥぀-ゟ゠-ヿ]+"),
            isolated(DEEPSEEK),
            byteLevel(false, false)));
    for (String behavior :
        List.of("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous")) {
      for (boolean invert : new boolean[] {false, true}) {
        String name = behavior + (invert ? " inverted" : "");
        all.add(
            named(
                name, split("Regex", "[\\p{L}\\d]|  ", behavior, invert), byteLevel(false, false)));
      }
      all.add(
          named(
              "punctuation " + behavior,
              TokenizerFiles.parse("{'type':'Punctuation','behavior':'%s'}".formatted(behavior)),
              byteLevel(false, false)));
    }
    for (String kind :
        List.of("Whitespace", "WhitespaceSplit", "BertPreTokenizer", "UnicodeScripts")) {
      all.add(
          named(
              kind,
              TokenizerFiles.parse("{'type':'%s'}".formatted(kind)),
              byteLevel(false, false)));
    }
    all.add(
        named(
            "delimiter",
            TokenizerFiles.parse("{'type':'CharDelimiterSplit','delimiter':'e'}"),
            byteLevel(false, false)));
    for (String scheme : List.of("always", "first", "never")) {
      for (boolean cut : new boolean[] {false, true}) {
        all.add(
            named(
                "metaspace " + scheme + cut,
                TokenizerFiles.parse(
                    "{'type':'Metaspace','replacement':'▁','prepend_scheme':'%s','split':%s}"
                        .formatted(scheme, cut)),
                byteLevel(false, false)));
      }
    }
    for (String regex :
        List.of(
            O200K,
            LLAMA3,
            GPT4,
            "\\w+",
            "\\W+",
            "[\\w]+",
            "[^\\w]+",
            "[\\W]",
            "\\d+|\\D",
            "\\h{2}",
            "\\H",
            ".",
            ".+",
            "\\p{N}{2,}",
            "\\p{^L}+",
            "\\P{Lu}",
            "\\p{Han}+|\\p{Greek}|\\P{Latin}",
            "[\\w&&[^\\d_]]+",
            "[^\\W\\d]+",
            "[^\\s&&[^\\n]]+",
            "[a-c[x-z]_-]+",
            "[\\]\\[^-]+",
            "(?i)[k-s]+|don't|x{,2}y",
            "(?i:[k]+?)s",
            "(?i:[^s])e",
            "(?<=e)l+|(?<!l)o",
            "\\d{1,3}(?=(?:\\d{3})*\\b)",
            "\\b\\w|[^\\w]\\B",
            "(?i:\\bk)|o\\b|\\B²",
            "(?>l+)(?=o)",
            "s??t|t{2,3}?|\\x{20}\\x65",
            "\\u00e9|\\t|\\x0d\\n?",
            "(?:hello|World)?[ \\n]",
            "h(?-i:E)|(?i:h(?-i:e)L)",
            "\\s+$",
            "[a-z]$|.$\\n",
            "#|\\#&& \\p{S}",
            "(?<=\\p{L})",
            "\\p{Lu}*",
            "(?![0-9])",
            "[^a]?+|\\s",
            "(?=(\\d{3})+(?!\\d))",
            "(?:\\p{L}\\s)*x?",
            "(?>\\p{N}{3})*(?:\\P{N}|$)")) {
      all.add(named(regex, isolated(regex), byteLevel(false, false)));
    }
    return all;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("preTokenizers")
  void piecesAreThoseOfTheReference(String name, ObjectNode root) throws IOException {
    Splitter ours =
        PreTokenizers.cut(
                new Spec(
                    "pre_tokenizer",
                    root.get("pre_tokenizer"),
                    new TokenizerErrors(Path.of("tokenizer.json"))))
            .splitter();
    RandomTexts texts = new RandomTexts(new Random(name.hashCode()));
    try (HuggingFaceTokenizer reference = TokenizerFiles.reference(root)) {
      for (int i = 0; i < 150; i++) {
        assertSame(ours, reference, texts.next());
      }
      assertSame(ours, reference, codePoints());
    }
  }

  private static void assertSame(Splitter ours, HuggingFaceTokenizer reference, String text) {
    List<Integer> lengths = new ArrayList<>();
    if (!text.isEmpty()) {
      ours.split(
          text,
          0,
          text.length(),
          true,
          (t, s, e, f) -> lengths.add(t.substring(s, e).getBytes(StandardCharsets.UTF_8).length));
    }
    assertThat(lengths).as("pieces of \"%s\"", text).isEqualTo(lengths(reference.encode(text)));
  }

  private static List<Integer> lengths(Encoding encoding) {
    List<Integer> lengths = new ArrayList<>();
    long previous = -1;
    for (long word : encoding.getWordIds()) {
      if (word == previous) {
        lengths.set(lengths.size() - 1, lengths.getLast() + 1);
      } else {
        lengths.add(1);
      }
      previous = word;
    }
    return lengths;
  }

  /// Some of every range of Unicode, each between letters.
  private static String codePoints() {
    StringBuilder text = new StringBuilder();
    for (int c = 0; c <= Character.MAX_CODE_POINT; c += c < 0x300 ? 1 : 101) {
      if (RandomTexts.isAssigned(c)) {
        text.append("a'").appendCodePoint(c).append('e').appendCodePoint(c);
      }
    }
    return text.toString();
  }

  private static Arguments named(String name, JsonNode... steps) {
    ObjectNode root = TokenizerFiles.bytesOnly();
    ObjectNode sequence = root.putObject("pre_tokenizer").put("type", "Sequence");
    ArrayNode list = sequence.putArray("pretokenizers");
    for (JsonNode step : steps) {
      list.add(step);
    }
    return Arguments.of(name, root);
  }

  private static JsonNode byteLevel(boolean prefixSpace, boolean regex) {
    return TokenizerFiles.parse(
        "{'type':'ByteLevel','trim_offsets':true,'add_prefix_space':%s,'use_regex':%s}"
            .formatted(prefixSpace, regex));
  }

  private static JsonNode digits(boolean individual) {
    return TokenizerFiles.parse("{'type':'Digits','individual_digits':%s}".formatted(individual));
  }

  private static JsonNode isolated(String regex) {
    return split("Regex", regex, "Isolated", false);
  }

  private static JsonNode split(String kind, String pattern, String behavior, boolean invert) {
    ObjectNode split = TokenizerFiles.JSON.createObjectNode().put("type", "Split");
    split.putObject("pattern").put(kind, pattern);
    return split.put("behavior", behavior).put("invert", invert);
  }
}
