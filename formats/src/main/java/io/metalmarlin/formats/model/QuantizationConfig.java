package io.metalmarlin.formats.model;

import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The `quantization_config` object of a `config.json`.
///
/// @param root empty when the configuration has none
record QuantizationConfig(Optional<JsonNode> root) {
  static final JsonMapper JSON = JsonMapper.shared();
  static final String KEY = "quantization_config";

  static QuantizationConfig of(ModelConfig config) {
    return new QuantizationConfig(config.object(KEY));
  }

  /// The `quant_method`, if it is a string.
  Optional<String> method() {
    return text("quant_method");
  }

  /// A string of the object, if there is one.
  Optional<String> text(String key) {
    return root.map(r -> r.get(key)).filter(JsonNode::isString).map(JsonNode::stringValue);
  }

  /// Whether the object says this quantization method.
  boolean says(String method) {
    return this.method().filter(method::equals).isPresent();
  }

  /// A copy of the source's configuration with `quantization_config` set.
  static ObjectNode replace(ModelConfig source, ObjectNode quantization) {
    ObjectNode config = source.root().deepCopy();
    config.set(KEY, quantization);
    return config;
  }

  /// Module names as a JSON array, in name order.
  static ArrayNode names(Iterable<String> modules) {
    ArrayNode array = JSON.createArrayNode();
    modules.forEach(array::add);
    return array;
  }
}
