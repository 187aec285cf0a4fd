package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.model.ModelConfig;
import tools.jackson.databind.JsonNode;

/// Reads configuration values that must make sense together, and refuses by name what a family's
/// configuration can say but its declaration here does not run.
final class ConfigChecks {
  private ConfigChecks() {}

  /// A positive whole number, or `otherwise` when the key is absent or null.
  static int positive(ModelConfig config, String key, int otherwise) {
    return config.integer(key).isPresent() ? config.requireInt(key) : otherwise;
  }

  /// A positive number, or `otherwise` when the key is absent or null.
  static double positiveNumber(ModelConfig config, String key, double otherwise) {
    double v = config.number(key).orElse(otherwise);
    if (!(v > 0) || Double.isInfinite(v)) {
      throw malformed(config, "\"" + key + "\" should be a positive number, it is " + v);
    }
    return v;
  }

  /// `head_dim`, or `hidden_size / num_attention_heads` when it is not given; even, because the
  /// rotary embedding turns pairs.
  static int headDim(ModelConfig config, int hidden, int heads) {
    if (config.integer("head_dim").isEmpty()) {
      divides(config, "num_attention_heads", heads, "hidden_size", hidden);
    }
    int headDim = positive(config, "head_dim", hidden / heads);
    if (headDim % 2 != 0) {
      throw malformed(config, "head_dim " + headDim + " is odd; the rotary embedding turns pairs");
    }
    return headDim;
  }

  static void divides(ModelConfig config, String partKey, int part, String wholeKey, int whole) {
    if (whole % part != 0) {
      throw malformed(
          config, wholeKey + " " + whole + " is not a multiple of " + partKey + " " + part);
    }
  }

  static void onlySilu(ModelConfig config) {
    String activation = config.text("hidden_act").orElse("silu");
    if (!activation.equals("silu") && !activation.equals("swish")) {
      throw unsupported(config, "hidden_act \"" + activation + "\" (only silu is)");
    }
  }

  /// Refuses layers with a sliding window. transformers fills a missing `layer_types` with
  /// `sliding_attention` from layer `max_window_layers` on when the window is in use.
  static void onlyFullAttention(ModelConfig config, int layers, boolean slidingByDefault) {
    JsonNode types = config.root().get("layer_types");
    if (types != null && types.isArray()) {
      for (int i = 0; i < types.size(); i++) {
        if (!types.get(i).isString() || !types.get(i).stringValue().equals("full_attention")) {
          throw unsupported(
              config, "layer_types[" + i + "] = " + types.get(i) + " (only full_attention is)");
        }
      }
      if (types.size() != layers) {
        throw malformed(
            config, "layer_types has " + types.size() + " entries, num_hidden_layers is " + layers);
      }
      return;
    }
    boolean inUse = config.flag("use_sliding_window", slidingByDefault);
    int firstWithWindow = config.integer("max_window_layers").orElse(0);
    if (inUse && config.integer("sliding_window").isPresent() && firstWithWindow < layers) {
      throw unsupported(
          config, "sliding_window " + config.integer("sliding_window").getAsInt() + " in use");
    }
  }

  static MarlinException malformed(ModelConfig config, String message) {
    return new MarlinException(
        ErrorCode.CONFIG_MALFORMED,
        config.file().toString(),
        message,
        "Check that this is the config.json of the checkpoint; download it again if it was"
            + " edited.");
  }

  static MarlinException unsupported(ModelConfig config, String what) {
    return new MarlinException(
        ErrorCode.UNSUPPORTED_MODEL,
        config.file().toString(),
        "not supported for model_type \"" + config.modelType() + "\": " + what,
        "Use a checkpoint without it; running it as if it were absent would give wrong results.");
  }
}
