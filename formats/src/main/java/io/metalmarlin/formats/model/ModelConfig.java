package io.metalmarlin.formats.model;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A checkpoint's `config.json` with typed access. Never executes anything it names.
///
/// @param file where it was read, for messages
/// @param root the whole document, not to be changed
public record ModelConfig(Path file, ObjectNode root) {
  /// A copy of the document without what it says about its own quantization.
  public ObjectNode dense() {
    return root.deepCopy()
        .remove(List.of(MlxConfig.KEY, QuantizationConfig.KEY, QuantizationConfig.OLDER_KEY));
  }

  /// The object that says how rotary angles are scaled: `rope_scaling` where a file has both it and
  /// the later `rope_parameters`.
  public Optional<JsonNode> ropeScaling() {
    return object("rope_scaling").filter(n -> !n.isEmpty()).or(() -> object("rope_parameters"));
  }

  /// The `model_type`.
  ///
  /// @throws MarlinException `CONFIG_MALFORMED` if it is missing
  public String modelType() {
    return text("model_type").orElseThrow(() -> missing("model_type"));
  }

  public Optional<String> text(String key) {
    JsonNode n = root.get(key);
    if (n == null || n.isNull()) {
      return Optional.empty();
    }
    if (!n.isString()) {
      throw malformed(key, "a string", n);
    }
    return Optional.of(n.stringValue());
  }

  /// A positive whole number that must be there.
  public int requireInt(String key) {
    int v = integer(key).orElseThrow(() -> missing(key));
    if (v <= 0) {
      throw malformed(key, "a positive whole number", root.get(key));
    }
    return v;
  }

  public OptionalInt integer(String key) {
    JsonNode n = root.get(key);
    if (n == null || n.isNull()) {
      return OptionalInt.empty();
    }
    if (!n.isIntegralNumber() || !n.canConvertToInt()) {
      throw malformed(key, "a whole number", n);
    }
    return OptionalInt.of(n.intValue());
  }

  public OptionalDouble number(String key) {
    return number(root, key);
  }

  /// A number inside a nested object of this configuration.
  public OptionalDouble number(JsonNode object, String key) {
    JsonNode n = object.get(key);
    if (n == null || n.isNull()) {
      return OptionalDouble.empty();
    }
    if (!n.isNumber()) {
      throw malformed(key, "a number", n);
    }
    return OptionalDouble.of(n.doubleValue());
  }

  public boolean flag(String key, boolean otherwise) {
    JsonNode n = root.get(key);
    if (n == null || n.isNull()) {
      return otherwise;
    }
    if (!n.isBoolean()) {
      throw malformed(key, "true or false", n);
    }
    return n.booleanValue();
  }

  /// A nested object, or empty when absent or null.
  public Optional<JsonNode> object(String key) {
    JsonNode n = root.get(key);
    if (n == null || n.isNull()) {
      return Optional.empty();
    }
    if (!n.isObject()) {
      throw malformed(key, "an object", n);
    }
    return Optional.of(n);
  }

  /// A list, or empty when absent or null.
  public Optional<JsonNode> list(String key) {
    JsonNode n = root.get(key);
    if (n == null || n.isNull()) {
      return Optional.empty();
    }
    if (!n.isArray()) {
      throw malformed(key, "a list", n);
    }
    return Optional.of(n);
  }

  private MarlinException missing(String key) {
    return new MarlinException(
        ErrorCode.CONFIG_MALFORMED,
        file.toString(),
        "key \"" + key + "\" is missing",
        "Check that this is the config.json of the checkpoint; download it again if it was cut.");
  }

  private MarlinException malformed(String key, String expected, JsonNode actual) {
    return new MarlinException(
        ErrorCode.CONFIG_MALFORMED,
        file.toString(),
        "key \"" + key + "\" should be " + expected + ", it is " + actual,
        "Check that this is the config.json of the checkpoint; download it again if it was cut.");
  }
}
