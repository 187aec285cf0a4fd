package io.metalmarlin.formats.model;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.GroupScheme;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/// The quantization object of GPTQ and AWQ, with typed access.
///
/// @param config for messages
/// @param root `quantization_config`, or the content of `quantize_config.json`
record IntConfig(ModelConfig config, JsonNode root) {
  /// @throws MarlinException `CONFIG_MALFORMED` unless it is a whole number
  OptionalInt number(String key) {
    JsonNode n = root.get(key);
    if (n == null || n.isNull()) {
      return OptionalInt.empty();
    }
    if (!n.isIntegralNumber() || !n.canConvertToInt()) {
      throw malformed(key + " should be a whole number, it is " + n);
    }
    return OptionalInt.of(n.intValue());
  }

  /// @throws MarlinException `CONFIG_MALFORMED` unless it is true or false
  Optional<Boolean> flag(String key) {
    JsonNode n = root.get(key);
    if (n == null || n.isNull()) {
      return Optional.empty();
    }
    if (!n.isBoolean()) {
      throw malformed(key + " should be true or false, it is " + n);
    }
    return Optional.of(n.booleanValue());
  }

  /// @throws MarlinException `CONFIG_MALFORMED` unless it is a string
  Optional<String> text(String key) {
    JsonNode n = root.get(key);
    if (n == null || n.isNull()) {
      return Optional.empty();
    }
    if (!n.isString()) {
      throw malformed(key + " should be a string, it is " + n);
    }
    return Optional.of(n.stringValue());
  }

  /// `group_size`, [GroupScheme#WHOLE] for -1.
  ///
  /// @throws MarlinException `CONFIG_MALFORMED` if it is missing, 0 or below -1
  int groupSize() {
    int group = number("group_size").orElseThrow(() -> malformed("group_size is missing"));
    if (group < -1 || group == 0) {
      throw malformed("group_size should be positive, or -1 for one group, it is " + group);
    }
    return group == -1 ? GroupScheme.WHOLE : group;
  }

  MarlinException malformed(String what) {
    return new MarlinException(
        ErrorCode.CONFIG_MALFORMED,
        config.file().toString(),
        "quantization_config: " + what,
        "Check that this is the config.json of the checkpoint; download it again.");
  }

  MarlinException refused(String what) {
    return QuantizationConfig.refused(config.file().toString(), what);
  }
}
