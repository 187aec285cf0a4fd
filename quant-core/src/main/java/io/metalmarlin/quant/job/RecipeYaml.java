package io.metalmarlin.quant.job;

import io.metalmarlin.quant.plan.Plan;
import io.metalmarlin.quant.plan.Recipe;
import java.nio.file.Path;
import java.util.Locale;

/// The fully resolved recipe as YAML, written beside the weights it made.
final class RecipeYaml {
  private RecipeYaml() {}

  static String write(Plan plan, String sourceName) {
    Recipe r = plan.recipe();
    StringBuilder y = new StringBuilder("version: 1\n");
    y.append("model: {source: ").append(quoted(sourceName)).append("}\n");
    y.append("scheme: ").append(r.scheme()).append('\n');
    if (r.groupSize() != 0) {
      y.append("group_size: ");
      y.append(r.groupSize() == Recipe.CHANNEL ? "channel" : r.groupSize()).append('\n');
    }
    if (r.sparsity() != null) {
      y.append("sparsity: {pattern: \"2:4\", method: ");
      y.append(r.sparsity().name().toLowerCase(Locale.ROOT)).append("}\n");
    }
    y.append("method: ").append(r.method()).append('\n');
    y.append("target: [").append(r.target()).append("]\n");
    if (r.samples() > 0) {
      y.append(
          "calibration: {dataset: %s, samples: %d, seq_len: %d, seed: %d}%n"
              .formatted(quoted(r.dataset()), r.samples(), r.seqLen(), r.seed())
              .replace(System.lineSeparator(), "\n"));
    }
    if (!r.imatrix().isEmpty()) {
      String name = String.valueOf(Path.of(r.imatrix()).getFileName());
      y.append("imatrix: ").append(quoted(name)).append('\n');
    }
    y.append("solver: {scales: ").append(r.scales().name().toLowerCase(Locale.ROOT));
    if (r.samples() > 0) {
      y.append(", damp: ").append(r.damping());
      if (r.shrink() > 0) {
        y.append(", shrink: ").append(r.shrink());
      }
      y.append(", order: ").append(r.order().name().toLowerCase(Locale.ROOT));
      if (r.refine() > 0) {
        y.append(", refine: ").append(r.refine());
      }
      y.append(", drift: ").append(r.drift());
    }
    y.append("}\n");
    y.append("transform: ").append(r.transform()).append('\n');
    y.append("ignore: [");
    y.append(String.join(", ", r.ignore().stream().map(RecipeYaml::quoted).toList()));
    y.append("]\n");
    if (!r.rules().isEmpty()) {
      y.append("rules:\n");
      r.rules()
          .forEach(rule ->
              y.append("  - {match: ")
                  .append(quoted(rule.pattern()))
                  .append(", scheme: ")
                  .append(rule.scheme())
                  .append("}\n"));
    }
    return y.toString();
  }

  /// A double-quoted YAML scalar; JSON's escapes are valid YAML.
  private static String quoted(String s) {
    return tools.jackson.databind.json.JsonMapper.shared().writeValueAsString(s);
  }
}
