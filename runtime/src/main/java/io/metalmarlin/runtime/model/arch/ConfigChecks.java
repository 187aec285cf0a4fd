package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.runtime.model.Activation;
import java.util.List;

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

  /// `head_dim`, or `hidden_size / num_attention_heads` when it is not given.
  static int headDim(ModelConfig config, int hidden, int heads) {
    if (config.integer("head_dim").isEmpty()) {
      divides(config, "num_attention_heads", heads, "hidden_size", hidden);
    }
    return positive(config, "head_dim", hidden / heads);
  }

  static void divides(ModelConfig config, String partKey, int part, String wholeKey, int whole) {
    if (whole % part != 0) {
      throw malformed(
          config, wholeKey + " " + whole + " is not a multiple of " + partKey + " " + part);
    }
  }

  /// The activation that a key names.
  static Activation activation(ModelConfig config, String key, String otherwise) {
    String name = config.text(key).orElse(otherwise);
    return switch (name) {
      case "silu", "swish" -> Activation.SILU;
      case "gelu", "gelu_python" -> Activation.GELU;
      case "gelu_new", "gelu_fast", "gelu_accurate", "gelu_pytorch_tanh", "gelu_python_tanh" ->
          Activation.GELU_TANH;
      case "quick_gelu" -> Activation.QUICK_GELU;
      case "relu" -> Activation.RELU;
      case "relu2" -> Activation.RELU_SQUARED;
      case "sigmoid" -> Activation.SIGMOID;
      case "tanh" -> Activation.TANH;
      default ->
          throw unsupported(
              config,
              key
                  + " \""
                  + name
                  + "\" (silu, gelu, gelu_new, gelu_pytorch_tanh, quick_gelu, relu, relu2, sigmoid, tanh are)");
    };
  }

  /// Refuses layers with a sliding window, for families whose models have none.
  static void onlyFullAttention(ModelConfig config, int layers) {
    List<String> types = LayerSpans.types(config, layers).orElse(List.of());
    for (int i = 0; i < types.size(); i++) {
      if (!types.get(i).equals("full_attention")) {
        throw unsupported(
            config, "layer_types[" + i + "] = " + types.get(i) + " (only full_attention is)");
      }
    }
    if (types.isEmpty() && config.integer("sliding_window").isPresent()) {
      throw unsupported(
          config, "sliding_window " + config.integer("sliding_window").getAsInt() + " in use");
    }
  }

  /// Refuses attention to later tokens, which text encoders made from decoders have.
  static void onlyCausal(ModelConfig config) {
    if (config.flag("use_bidirectional_attention", false)) {
      throw unsupported(config, "use_bidirectional_attention (it predicts no next token)");
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
