package io.metalmarlin.cli.view;

import io.metalmarlin.cli.out.Figures;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// What is proven for a family of models, as `families.json` in the jar has it: a file that the
/// tests write from what they do and compare with it.
///
/// @param family `model_type`
/// @param logits small models whose states, logits and greedy tokens equal transformers'
/// @param trained trained models whose perplexities and greedy tokens do
/// @param quantized methods whose output runs as the values that were written
/// @param metal small models that run on the Metal backend with the same result
public record FamilyEvidence(
    String family,
    List<String> logits,
    List<String> trained,
    List<String> quantized,
    List<String> metal) {
  private static final String FILE = "/io/metalmarlin/cli/families.json";

  /// Every family of the file, in the order of the registry.
  public static List<FamilyEvidence> all() {
    try (InputStream in =
        Objects.requireNonNull(FamilyEvidence.class.getResourceAsStream(FILE), FILE)) {
      List<FamilyEvidence> all = new ArrayList<>();
      for (JsonNode n : new ObjectMapper().readTree(in)) {
        all.add(
            new FamilyEvidence(
                n.get("model_type").stringValue(),
                names(n, "logits"),
                names(n, "trained"),
                names(n, "quantized"),
                names(n, "metal")));
      }
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A cell of a table: the names, or their number where they are many.
  public static String cell(List<String> names) {
    return switch (names.size()) {
      case 0 -> Figures.NONE;
      case 1, 2 -> String.join(", ", names);
      default -> "%s and %d more".formatted(names.getFirst(), names.size() - 1);
    };
  }

  private static List<String> names(JsonNode family, String key) {
    return family.get(key).valueStream().map(JsonNode::stringValue).toList();
  }
}
