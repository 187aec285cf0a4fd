package io.metalmarlin.formats.model;

import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// Where a dialect keeps the calibrated scales of an FP8 key-value cache: one multiplier (largest
/// magnitude / 448) for the keys of an attention module and one for its values.
public enum CacheScales {
  /// `self_attn.k_scale` and `self_attn.v_scale`, of the model's type, shape `[1]`
  /// (compressed-tensors).
  ATTENTION,
  /// `self_attn.k_proj.k_scale` and `self_attn.v_proj.v_scale`, F32, shape `[]` (ModelOpt).
  PROJECTION;

  private static final Pattern NAME = Pattern.compile("(.*?)(?:\\.([kv])_proj)?\\.([kv])_scale");
  private static final String FP8 = "FP8";
  private static final int FP8_BITS = 8;

  /// A scale of the cache, whatever the dialect.
  ///
  /// @param attention name of the attention module
  /// @param part `k` or `v`
  public record Scale(String attention, String part) {}

  /// What scale of a cache a tensor is, by its name; empty for any other tensor.
  public static Optional<Scale> scale(String tensor) {
    Matcher m = NAME.matcher(tensor);
    boolean is = m.matches() && (m.group(2) == null || m.group(2).equals(m.group(3)));
    return is ? Optional.of(new Scale(m.group(1), m.group(3))) : Optional.empty();
  }

  /// The tensor that holds a scale here.
  ///
  /// @param model the type of the model's dense tensors
  public TensorInfo tensor(Scale scale, DType model) {
    String leaf = scale.part() + "_scale";
    return switch (this) {
      case ATTENTION -> new TensorInfo(scale.attention() + "." + leaf, model, List.of(1L));
      case PROJECTION -> {
        String stem = scale.attention() + "." + scale.part() + "_proj.";
        yield new TensorInfo(stem + leaf, DType.F32, List.of());
      }
    };
  }

  /// Whether a model's configuration says that its cache is FP8 with one static scale a tensor:
  /// `kv_cache_scheme` of compressed-tensors and ModelOpt, `kv_cache_quant_algo` of the latter's
  /// `hf_quant_config.json`.
  public static boolean fp8(ModelConfig config) {
    QuantizationConfig q = QuantizationConfig.of(config);
    boolean algorithm =
        q.modelOpt()
            .filter(m -> m.path("kv_cache_quant_algo").asString("").equals(FP8))
            .isPresent();
    return algorithm
        || q.root().map(r -> r.path("kv_cache_scheme")).filter(CacheScales::fp8).isPresent();
  }

  private static boolean fp8(JsonNode scheme) {
    return scheme.path("num_bits").asInt(0) == FP8_BITS
        && scheme.path("type").asString("").equals("float")
        && scheme.path("strategy").asString("tensor").equals("tensor")
        && scheme.path("symmetric").asBoolean(true)
        && !scheme.path("dynamic").asBoolean(false);
  }
}
