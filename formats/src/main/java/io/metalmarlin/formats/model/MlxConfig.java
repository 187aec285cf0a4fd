package io.metalmarlin.formats.model;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.mlx.MlxAffine;
import io.metalmarlin.formats.scheme.mlx.MlxFloat;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// MLX's `quantization` object: `group_size`, `bits` and `mode` for all modules, and an entry per
/// module path that has others. An entry takes nothing from the object around it: what it leaves
/// out, or gives as null, is MLX's default.
///
/// @param root the object
record MlxConfig(ModelConfig config, JsonNode root) {
  static final String KEY = "quantization";
  static final String AFFINE = "affine";
  private static final int DEFAULT_BITS = 4;
  private static final int DEFAULT_GROUP = 64;

  /// What the configuration says; empty where it has no such object. Writers store it twice, and
  /// some only as `quantization_config`, where the lack of a `quant_method` tells it from the
  /// objects of other dialects.
  static Optional<MlxConfig> of(ModelConfig config) {
    QuantizationConfig q = QuantizationConfig.of(config);
    if (q.root().filter(r -> r.has("quant_method")).isPresent()) {
      return Optional.empty();
    }
    return q.mlx()
        .or(() -> q.root().filter(r -> r.has("bits") && r.has("group_size")))
        .map(r -> new MlxConfig(config, r));
  }

  /// Whether the module's own entry is `false`.
  boolean excludes(String module) {
    JsonNode own = root.get(module);
    return own != null && own.isBoolean() && !own.booleanValue();
  }

  /// The layout of a module.
  ///
  /// @param scaleType of the module's stored scales, for the affine mode
  /// @throws MarlinException `CONFIG_MALFORMED` for numbers that MLX does not have,
  ///   `REFUSED_FORMAT` for another mode
  GroupPacking packing(String module, ScaleType scaleType) {
    JsonNode own = root.get(module);
    boolean hasOwn = own != null && own.isObject();
    if (own != null && !hasOwn && !own.isBoolean()) {
      throw malformed(module + " should be an object, true or false, it is " + own);
    }
    JsonNode entry = hasOwn ? own : root;
    String where = hasOwn ? KEY + "." + module : KEY;
    String mode = mode(entry, where);
    if (mode.equals(AFFINE)) {
      int bits = number(entry, "bits", DEFAULT_BITS, where);
      int group = number(entry, "group_size", DEFAULT_GROUP, where);
      if (!MlxAffine.canHold(bits, group)) {
        throw malformed(
            "%s says %d bits in groups of %d; MLX has 2, 3, 4, 5, 6 or 8 bits in groups of 32, 64"
                    .formatted(where, bits, group)
                + " or 128");
      }
      return MlxAffine.of(bits, group, scaleType);
    }
    MlxFloat layout =
        MlxFloat.of(mode)
            .orElseThrow(() ->
                QuantizationConfig.refused(
                    config.file().toString(), where + " has mode \"" + mode + "\""));
    require(entry, "bits", layout.scheme().codeBits(), where, mode);
    require(entry, "group_size", layout.scheme().groupSize(), where, mode);
    return layout;
  }

  private String mode(JsonNode entry, String where) {
    JsonNode mode = entry.get("mode");
    if (mode == null || mode.isNull()) {
      return AFFINE;
    }
    if (!mode.isString()) {
      throw malformed(where + ".mode should be a string, it is " + mode);
    }
    return mode.stringValue();
  }

  private int number(JsonNode entry, String key, int otherwise, String where) {
    JsonNode n = entry.get(key);
    if (n == null || n.isNull()) {
      return otherwise;
    }
    if (!n.isIntegralNumber() || !n.canConvertToInt()) {
      throw malformed(where + "." + key + " should be a whole number, it is " + n);
    }
    return n.intValue();
  }

  private void require(JsonNode entry, String key, int only, String where, String mode) {
    int said = number(entry, key, only, where);
    if (said != only) {
      throw malformed("%s.%s is %d, mode %s has only %d".formatted(where, key, said, mode, only));
    }
  }

  MarlinException malformed(String what) {
    return new MarlinException(
        ErrorCode.CONFIG_MALFORMED,
        config.file().toString(),
        what,
        "Check that this is the config.json of the checkpoint; download it again.");
  }
}
