package io.metalmarlin.runtime.text;

import java.text.Normalizer;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;

/// The `normalizer` of `tokenizer.json`: none, NFC, or a sequence of those.
final class Normalizers {
  /// Leaves texts as they are.
  static final UnaryOperator<String> NONE = text -> text;

  private static final UnaryOperator<String> NFC =
      text -> Normalizer.normalize(text, Normalizer.Form.NFC);

  private Normalizers() {}

  /// @throws io.metalmarlin.formats.MarlinException `TOKENIZER_MALFORMED` naming another kind
  static UnaryOperator<String> of(JsonNode node, TokenizerErrors errors) {
    if (node.isMissingNode() || node.isNull()) {
      return NONE;
    }
    String type = node.path("type").asString("(none)");
    if (type.equals("NFC")) {
      return NFC;
    }
    if (!type.equals("Sequence")) {
      throw errors.unsupported("normalizer type \"" + type + "\"");
    }
    UnaryOperator<String> all = NONE;
    for (JsonNode step : node.path("normalizers")) {
      // Normalizing twice changes nothing, so one step stands for several.
      all = of(step, errors) == NONE ? all : NFC;
    }
    return all;
  }
}
