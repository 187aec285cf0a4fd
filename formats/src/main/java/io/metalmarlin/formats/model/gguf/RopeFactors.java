package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.model.ModelConfig;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// What each inverse frequency of the rotary embedding is divided by, half as many numbers as a
/// head has turned elements: a tensor in files, keys in configurations.
record RopeFactors(String tensor, float[] values) {
  /// At any length (Llama 3).
  static final String ALWAYS = "rope_freqs.weight";

  /// LongRoPE: in a context longer than that of the training, and in others.
  static final String LONG = "rope_factors_long.weight";

  static final String SHORT = "rope_factors_short.weight";

  /// They belong to the configuration: `rope_scaling`.
  static final Set<String> TENSORS = Set.of(ALWAYS, LONG, SHORT);

  /// The factors of a configuration with Llama's keys.
  static List<RopeFactors> of(GgufFamily family, ModelConfig config) {
    return switch (RopeWriter.type(config)) {
      case "llama3" -> {
        double theta = RopeWriter.theta(config, family);
        yield List.of(
            new RopeFactors(
                ALWAYS, RopeWriter.llama3(config, theta).factors(width(family, config))));
      }
      case "longrope", "su" ->
          List.of(listed(config, LONG, "long_factor"), listed(config, SHORT, "short_factor"));
      default -> List.of();
    };
  }

  /// Elements of a head that are turned.
  static int width(GgufFamily family, ModelConfig config) {
    return (int) (GgufKeys.headDim(family, config) * family.rotary().share(config));
  }

  private static RopeFactors listed(ModelConfig config, String tensor, String key) {
    JsonNode list = RopeWriter.scaling(config).path(key);
    float[] values = new float[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.get(i).floatValue();
    }
    return new RopeFactors(tensor, values);
  }
}
