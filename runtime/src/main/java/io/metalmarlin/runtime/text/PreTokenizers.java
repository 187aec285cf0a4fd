package io.metalmarlin.runtime.text;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// The `pre_tokenizer` of `tokenizer.json`: `ByteLevel`, alone or as the last of a `Sequence` with
/// `Split` and `Digits` before it.
final class PreTokenizers {
  /// What `ByteLevel` with `use_regex` splits by (GPT-2).
  private static final String BYTE_LEVEL =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

  private PreTokenizers() {}

  /// @throws io.metalmarlin.formats.MarlinException `TOKENIZER_MALFORMED` naming what is not
  ///   supported
  static Splitter of(JsonNode node, TokenizerErrors errors) {
    List<JsonNode> steps = new ArrayList<>();
    flatten(node, steps);
    boolean byteLevelLast =
        !steps.isEmpty()
            && type(steps.getLast()).equals("ByteLevel")
            && steps.stream().filter(s -> type(s).equals("ByteLevel")).count() == 1;
    Splitter all = Splitter.WHOLE;
    for (JsonNode step : steps) {
      all = all == Splitter.WHOLE ? step(step, errors) : all.then(step(step, errors));
    }
    if (!byteLevelLast) {
      throw errors.unsupported(
          "pre_tokenizer "
              + steps.stream().map(PreTokenizers::type).toList()
              + " without exactly one ByteLevel at the end");
    }
    return all;
  }

  private static void flatten(JsonNode node, List<JsonNode> steps) {
    if (type(node).equals("Sequence")) {
      for (JsonNode step : node.path("pretokenizers")) {
        flatten(step, steps);
      }
    } else if (!node.isMissingNode() && !node.isNull()) {
      steps.add(node);
    }
  }

  private static Splitter step(JsonNode node, TokenizerErrors errors) {
    return switch (type(node)) {
      case "ByteLevel" -> byteLevel(node);
      case "Digits" -> new DigitSplitter(node.path("individual_digits").asBoolean(false));
      case "Split" -> split(node, errors);
      default -> throw errors.unsupported("pre_tokenizer type \"" + type(node) + "\"");
    };
  }

  private static Splitter byteLevel(JsonNode node) {
    Splitter prefix =
        node.path("add_prefix_space").asBoolean(true) ? Splitter.PREFIX_SPACE : Splitter.WHOLE;
    if (!node.path("use_regex").asBoolean(true)) {
      return prefix;
    }
    Splitter words = new RegexSplitter(RegexTranslator.compile(BYTE_LEVEL), true, true);
    return prefix == Splitter.WHOLE ? words : prefix.then(words);
  }

  private static Splitter split(JsonNode node, TokenizerErrors errors) {
    JsonNode pattern = node.path("pattern");
    Pattern compiled;
    if (pattern.path("String").isString()) {
      compiled = Pattern.compile(pattern.path("String").stringValue(), Pattern.LITERAL);
    } else if (pattern.path("Regex").isString()) {
      String regex = pattern.path("Regex").stringValue();
      try {
        compiled = RegexTranslator.compile(regex);
      } catch (RegexTranslator.Refused e) {
        throw errors.unsupported("pre_tokenizer pattern " + regex + ": " + e.getMessage());
      }
    } else {
      throw errors.malformed("pre_tokenizer Split has neither pattern.String nor pattern.Regex");
    }
    boolean invert = node.path("invert").asBoolean(false);
    String behavior = node.path("behavior").asString("(none)");
    return switch (behavior) {
      case "Isolated" -> new RegexSplitter(compiled, true, true);
      case "Removed" -> new RegexSplitter(compiled, invert, !invert);
      default -> throw errors.unsupported("pre_tokenizer Split behavior \"" + behavior + "\"");
    };
  }

  private static String type(JsonNode node) {
    return node.path("type").asString("(none)");
  }
}
