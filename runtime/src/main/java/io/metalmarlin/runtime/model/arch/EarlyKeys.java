package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The sizes of families from before Llama, put under Llama's keys: every head has its own key and
/// value, and heads share the hidden width.
final class EarlyKeys {
  private EarlyKeys() {}

  /// The configuration with Llama's keys beside its own.
  ///
  /// @param keys a family's own key, and Llama's for the same
  static ModelConfig of(ModelConfig config, Map<String, String> keys) {
    ObjectNode root = config.root().deepCopy();
    keys.forEach((own, llama) -> {
      JsonNode value = root.get(own);
      if (value != null && !value.isNull()) {
        root.set(llama, value);
      }
    });
    root.remove("head_dim");
    root.remove("num_key_value_heads");
    return new ModelConfig(config.file(), root);
  }

  /// The configuration with the inner width of its MLP: that of a key, or four hidden widths where
  /// it is absent or null.
  static ModelConfig inner(ModelConfig config, String key) {
    int hidden = config.requireInt("hidden_size");
    return with(config, "intermediate_size", ConfigChecks.positive(config, key, 4 * hidden));
  }

  /// The configuration with another value of a key.
  static ModelConfig with(ModelConfig config, String key, int value) {
    return new ModelConfig(config.file(), config.root().deepCopy().put(key, value));
  }
}
