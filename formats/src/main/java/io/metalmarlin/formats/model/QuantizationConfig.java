package io.metalmarlin.formats.model;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.json.JsonFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What a model folder says about its own quantization: the `quantization_config` object of
/// `config.json` (in 2024 compressed-tensors called it `compression_config`), else ModelOpt's older
/// `hf_quant_config.json`, else MLX's `quantization` object. Only where none of the three speaks
/// may tensor names be asked.
///
/// @param root `quantization_config`; empty when the configuration has none or an empty one
/// @param modelOpt the `quantization` object of `hf_quant_config.json`, if that file exists
/// @param mlx the `quantization` object of `config.json`, if there is one
record QuantizationConfig(
    Optional<JsonNode> root, Optional<JsonNode> modelOpt, Optional<JsonNode> mlx) {
  static final JsonMapper JSON = JsonMapper.shared();
  static final String KEY = "quantization_config";
  static final String OLDER_KEY = "compression_config";
  static final String MODELOPT_FILE = "hf_quant_config.json";

  private static final long MAX_BYTES = 64L << 20;

  static QuantizationConfig of(ModelConfig config) {
    Path file = config.file().resolveSibling(MODELOPT_FILE);
    Optional<JsonNode> modelOpt =
        Files.exists(file)
            ? Optional.of(JsonFiles.readObject(file, MAX_BYTES).path("quantization"))
            : Optional.empty();
    Optional<JsonNode> root = config.object(KEY).filter(n -> !n.isEmpty());
    return new QuantizationConfig(
        root.or(() -> config.object(OLDER_KEY).filter(n -> !n.isEmpty())),
        modelOpt,
        config.object("quantization"));
  }

  /// Whether nothing says that the checkpoint is quantized.
  boolean silent() {
    return root.isEmpty() && modelOpt.isEmpty() && mlx.isEmpty();
  }

  /// The `quant_method`, if it is a string.
  Optional<String> method() {
    return text("quant_method");
  }

  /// A string of `quantization_config`, if there is one.
  Optional<String> text(String key) {
    return root.map(r -> r.get(key)).filter(JsonNode::isString).map(JsonNode::stringValue);
  }

  /// Whether `quantization_config` says this quantization method.
  boolean says(String method) {
    return this.method().filter(method::equals).isPresent();
  }

  /// A copy of the source's configuration with `quantization_config` set and, as transformers saves
  /// it, all keys sorted.
  static ObjectNode replace(ModelConfig source, ObjectNode quantization) {
    ObjectNode config = source.root().deepCopy();
    config.remove(OLDER_KEY);
    config.set(KEY, quantization);
    return (ObjectNode) sorted(config);
  }

  /// Module names as a JSON array, in the order given.
  static ArrayNode names(Iterable<String> modules) {
    ArrayNode array = JSON.createArrayNode();
    modules.forEach(array::add);
    return array;
  }

  /// @param where file or module
  /// @param what the layout that is not read, by its published name
  static MarlinException refused(String where, String what) {
    return new MarlinException(
        ErrorCode.REFUSED_FORMAT,
        where,
        what + ", which this version does not read",
        "`marlin formats` lists what is read; use the original checkpoint.");
  }

  private static JsonNode sorted(JsonNode node) {
    if (node instanceof ObjectNode object) {
      TreeMap<String, JsonNode> fields = new TreeMap<>();
      object.properties().forEach(f -> fields.put(f.getKey(), sorted(f.getValue())));
      return JSON.createObjectNode().setAll(fields);
    }
    if (node instanceof ArrayNode array) {
      ArrayNode out = JSON.createArrayNode();
      array.forEach(e -> out.add(sorted(e)));
      return out;
    }
    return node;
  }
}
