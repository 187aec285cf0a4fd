package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/// What transformers takes for keys that a configuration leaves out. Published files do leave out
/// keys whose value is their family's default; a key that is null stays null.
final class ConfigDefaults {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ConfigDefaults() {}

  /// The configuration with the missing keys filled in.
  ///
  /// @param defaults a JSON object
  static ModelConfig fill(ModelConfig config, String defaults) {
    ObjectNode filled = config.root().deepCopy();
    ((ObjectNode) JSON.readTree(defaults))
        .properties()
        .forEach(e -> filled.putIfAbsent(e.getKey(), e.getValue()));
    return new ModelConfig(config.file(), filled);
  }

  /// The configuration with another value of a key, JSON as well.
  static ModelConfig with(ModelConfig config, String key, String value) {
    ObjectNode changed = config.root().deepCopy();
    changed.set(key, JSON.readTree(value));
    return new ModelConfig(config.file(), changed);
  }
}
