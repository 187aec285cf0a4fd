package io.metalmarlin.formats.model.gguf;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// How a byte-level BPE tokenizer cuts texts into pieces, under the name that `tokenizer.ggml.pre`
/// gives it.
///
/// @param names the first is the one that is written
/// @param steps what the `pre_tokenizer` of `tokenizer.json` does, in order; ByteLevel comes last
/// @param ignoreMerges whether a piece that is a token as a whole becomes it without merging
record PreTokenizer(List<String> names, List<Step> steps, boolean ignoreMerges) {
  /// One step of the sequence.
  sealed interface Step {
    ObjectNode json();
  }

  /// Cuts out every match of a regular expression; what lies between stays a piece.
  record Split(String regex) implements Step {
    @Override
    public ObjectNode json() {
      ObjectNode n = step("Split");
      n.putObject("pattern").put("Regex", regex);
      return n.put("behavior", "Isolated").put("invert", false);
    }
  }

  /// Cuts out numerals, one by one or in runs.
  record Digits(boolean single) implements Step {
    @Override
    public ObjectNode json() {
      return step("Digits").put("individual_digits", single);
    }
  }

  /// Cuts out runs of punctuation.
  record Punctuation() implements Step {
    @Override
    public ObjectNode json() {
      return step("Punctuation").put("behavior", "Contiguous");
    }
  }

  /// Spells bytes as characters, after cutting as GPT-2 does if `regex`.
  record ByteLevel(boolean regex) implements Step {
    @Override
    public ObjectNode json() {
      return step("ByteLevel")
          .put("add_prefix_space", false)
          .put("trim_offsets", true)
          .put("use_regex", regex);
    }
  }

  private static ObjectNode step(String type) {
    return JsonMapper.shared().createObjectNode().put("type", type);
  }

  /// The `pre_tokenizer` object.
  ObjectNode json() {
    if (steps.size() == 1) {
      return steps.getFirst().json();
    }
    ObjectNode n = step("Sequence");
    ArrayNode all = n.putArray("pretokenizers");
    steps.forEach(s -> all.add(s.json()));
    return n;
  }

  /// The steps of a `pre_tokenizer`, or empty where one of them is none of the above.
  static Optional<List<Step>> steps(JsonNode node) {
    List<Step> out = new ArrayList<>();
    return read(node, out) ? Optional.of(out) : Optional.empty();
  }

  private static boolean read(JsonNode node, List<Step> out) {
    switch (node.path("type").asString("")) {
      case "Sequence" -> {
        for (JsonNode step : node.path("pretokenizers")) {
          if (!read(step, out)) {
            return false;
          }
        }
        return true;
      }
      case "Split" -> {
        JsonNode regex = node.path("pattern").path("Regex");
        out.add(new Split(regex.asString("")));
        String behavior = node.path("behavior").asString("");
        // To keep the matches is to remove the rest: the same where nothing is left between them.
        return regex.isString()
            && (node.path("invert").asBoolean(false)
                ? behavior.equals("Removed") && PreTokenizers.WHOLE.contains(regex.stringValue())
                : behavior.equals("Isolated"));
      }
      case "Digits" -> {
        out.add(new Digits(node.path("individual_digits").asBoolean(false)));
        return true;
      }
      case "Punctuation" -> {
        out.add(new Punctuation());
        return node.path("behavior").asString("").equals("Contiguous");
      }
      case "ByteLevel" -> {
        out.add(new ByteLevel(node.path("use_regex").asBoolean(true)));
        return !node.path("add_prefix_space").asBoolean(true);
      }
      default -> {
        return false;
      }
    }
  }
}
