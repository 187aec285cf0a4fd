package io.metalmarlin.formats.model;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.json.JsonFiles;
import io.metalmarlin.formats.scheme.GroupScheme;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/// The quantization object of GPTQ and AWQ, with typed access.
///
/// @param config for messages
/// @param root `quantization_config`, or the content of `quantize_config.json`
record IntConfig(ModelConfig config, JsonNode root) {
  private static final long MAX_BYTES = 16L << 20;

  /// Whether the configuration says that method, or says nothing beside `qweight` tensors and the
  /// file in which older exporters said it.
  static boolean isIn(ModelConfig config, String method, String older, Checkpoint checkpoint) {
    QuantizationConfig q = QuantizationConfig.of(config);
    boolean olderExport =
        q.silent()
            && Files.exists(config.file().resolveSibling(older))
            && Tensors.any(checkpoint, List.of(".qweight"));
    return q.says(method) || olderExport;
  }

  /// What `quantization_config` says, or else the file of older exporters.
  static IntConfig of(ModelConfig config, String older) {
    Path file = config.file().resolveSibling(older);
    return new IntConfig(
        config,
        QuantizationConfig.of(config)
            .root()
            .orElseGet(() -> JsonFiles.readObject(file, MAX_BYTES)));
  }

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

  /// `group_size`, or AutoAWQ's `q_group_size`; [GroupScheme#WHOLE] for -1.
  ///
  /// @throws MarlinException `CONFIG_MALFORMED` if it is missing, 0 or below -1
  int groupSize() {
    String key = root.has("group_size") ? "group_size" : "q_group_size";
    int group = number(key).orElseThrow(() -> malformed("group_size is missing"));
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
