package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.runtime.model.ModelSpec.Rope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// The rotary embedding's angles from a configuration in either spelling: `rope_theta` beside
/// `rope_scaling` (transformers 4), or one `rope_parameters` object (transformers 5).
///
/// Source: transformers 5.23 `modeling_rope_utils.py` (`_compute_default_rope_parameters`,
/// `_compute_linear_scaling_rope_parameters`, `_compute_llama3_parameters`).
final class RopeConfig {
  private final ModelConfig config;
  private final Optional<JsonNode> parameters;

  private RopeConfig(ModelConfig config) {
    this.config = config;
    this.parameters = config.object("rope_parameters").or(() -> config.object("rope_scaling"));
  }

  static Rope of(ModelConfig config, int headDim) {
    RopeConfig c = new RopeConfig(config);
    String type = c.type();
    List<Double> inverse = c.unscaled(headDim);
    return switch (type) {
      case "default" -> new Rope(inverse, 1f);
      case "linear" -> {
        double factor = c.required("factor");
        yield new Rope(inverse.stream().map(f -> f / factor).toList(), 1f);
      }
      case "llama3" -> new Rope(c.llama3(inverse), 1f);
      default ->
          throw ConfigChecks.unsupported(
              config, "rope_type \"" + type + "\" (default, linear and llama3 are)");
    };
  }

  private String type() {
    if (parameters.isEmpty()) {
      return "default";
    }
    for (String key : List.of("rope_type", "type")) {
      JsonNode n = parameters.get().get(key);
      if (n != null && n.isString()) {
        return n.stringValue();
      }
    }
    if (parameters.get().get("factor") != null) {
      throw ConfigChecks.malformed(config, "the rope scaling has a factor but no \"rope_type\"");
    }
    return "default";
  }

  private List<Double> unscaled(int headDim) {
    double partial =
        number("partial_rotary_factor").or(() -> top("partial_rotary_factor")).orElse(1.0);
    if (partial != 1.0) {
      throw ConfigChecks.unsupported(config, "partial_rotary_factor " + partial + " (only 1 is)");
    }
    double theta = number("rope_theta").or(() -> top("rope_theta")).orElse(10000.0);
    if (!(theta > 0) || Double.isInfinite(theta)) {
      throw ConfigChecks.malformed(config, "rope_theta should be positive, it is " + theta);
    }
    List<Double> inverse = new ArrayList<>();
    for (int i = 0; i < headDim / 2; i++) {
      inverse.add(Math.pow(theta, -2.0 * i / headDim));
    }
    return inverse;
  }

  /// Long wavelengths are divided by `factor`, short ones kept, those between blended.
  private List<Double> llama3(List<Double> inverse) {
    double factor = required("factor");
    double low = required("low_freq_factor");
    double high = required("high_freq_factor");
    double oldContext = required("original_max_position_embeddings");
    if (high <= low) {
      throw ConfigChecks.malformed(
          config, "high_freq_factor " + high + " should be above low_freq_factor " + low);
    }
    List<Double> scaled = new ArrayList<>();
    for (double f : inverse) {
      double turns = oldContext * f / (2 * Math.PI);
      double keep = Math.clamp((turns - low) / (high - low), 0, 1);
      scaled.add((1 - keep) * f / factor + keep * f);
    }
    return scaled;
  }

  private double required(String key) {
    double v =
        number(key)
            .orElseThrow(
                () -> ConfigChecks.malformed(config, "the rope scaling lacks \"" + key + "\""));
    if (!(v > 0) || Double.isInfinite(v)) {
      throw ConfigChecks.malformed(
          config, "rope scaling " + key + " should be positive, it is " + v);
    }
    return v;
  }

  private Optional<Double> number(String key) {
    return parameters.flatMap(p -> config.number(p, key).stream().boxed().findFirst());
  }

  private Optional<Double> top(String key) {
    return config.number(key).stream().boxed().findFirst();
  }
}
