package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.container.gguf.GgufValue;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.gguf.GgufFamily.Trait;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;

/// The `rope.*` keys from a configuration in either spelling: `rope_theta` beside `rope_scaling`
/// (transformers 4), or one `rope_parameters` object (transformers 5).
///
/// @param config with Llama's keys
record RopeWriter(ModelConfig config, GgufFamily family, GgufKeys keys) {
  void write() {
    keys.real("rope.freq_base", base());
    switch (type(config)) {
      case "default" -> {}
      case "llama3" -> {
        // Its factors are a tensor.
        if (!family.is(Trait.FREQUENCY_FACTORS)) {
          throw keys.cannot("rope_type \"llama3\"");
        }
      }
      case "dynamic" -> {
        if (alpha() == 0) {
          throw keys.cannot("a rotary embedding that grows with the sequence");
        }
      }
      case "linear" -> {
        if (family.is(Trait.LATENT)) {
          throw keys.cannot("a linear rope scaling");
        }
        keys.put("rope.scaling.type", GgufValue.of("linear"));
        keys.real("rope.scaling.factor", required("factor"));
      }
      case "yarn" -> yarn();
      case "longrope", "su" -> longRope();
      default -> throw keys.cannot("rope_type \"" + type(config) + "\"");
    }
  }

  /// The base; Hunyuan's is a larger one by `alpha`.
  private double base() {
    double theta = theta(config, family);
    if (alpha() == 0) {
      return theta;
    }
    double width =
        config
            .integer("head_dim")
            .orElseGet(
                () -> config.requireInt("hidden_size") / config.requireInt("num_attention_heads"));
    return theta * Math.pow(alpha(), width / (width - 2));
  }

  private double alpha() {
    return type(config).equals("dynamic") ? number(config, "alpha").orElse(0) : 0;
  }

  /// llama.cpp takes the long factors where it is asked for a longer context than the original one,
  /// whatever the sequences are.
  private void longRope() {
    int pairs = RopeFactors.width(family, config) / 2;
    boolean fit = RopeFactors.of(family, config).stream().allMatch(f -> f.values().length == pairs);
    if (!family.is(Trait.LONG_FACTORS) || !fit) {
      throw keys.cannot(
          "rope_type \"%s\"".formatted(type(config))
              + (fit ? "" : " without " + pairs + " factors each"));
    }
    double original = original(config);
    double factor = number(config, "factor").orElseGet(this::stretch);
    double own = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
    keys.put("rope.scaling.type", GgufValue.of("longrope"));
    keys.whole("rope.scaling.original_context_length", (long) original);
    keys.real("rope.scaling.attn_factor", number(config, "attention_factor").orElse(own));
  }

  /// llama.cpp turns queries and keys up by `0.1 ln factor + 1` itself and by nothing else, and
  /// begins and ends the blend at whole pairs.
  private void yarn() {
    boolean latent = family.is(Trait.LATENT);
    double factor = number(config, "factor").orElseGet(this::stretch);
    keys.put("rope.scaling.type", GgufValue.of("yarn"));
    keys.real("rope.scaling.factor", factor);
    keys.whole("rope.scaling.original_context_length", (long) original(config));
    for (String[] name :
        new String[][] {
          {"extrapolation_factor", "yarn_ext_factor"},
          {"beta_fast", "yarn_beta_fast"},
          {"beta_slow", "yarn_beta_slow"}
        }) {
      number(config, name[0]).ifPresent(v -> keys.real("rope.scaling." + name[1], v));
    }
    double own = 0.1 * Math.log(factor) + 1;
    double attention = number(config, "attention_factor").orElse(own);
    if (Math.abs(attention - own) > 1e-6) {
      throw keys.cannot("a rope scaling with the attention_factor " + attention);
    }
    boolean truncated = scaling(config).path("truncate").booleanValue(true);
    if (!truncated && !family.is(Trait.BLEND_BETWEEN_PAIRS)) {
      throw keys.cannot("a rope scaling with truncate false");
    }
    OptionalDouble all = number(config, "mscale_all_dim");
    if (!number(config, "mscale").equals(all)) {
      throw keys.cannot("a rope scaling with mscale other than mscale_all_dim");
    }
    if (latent != (all.orElse(0) != 0)) {
      throw keys.cannot("a rope scaling with%s mscale_all_dim".formatted(latent ? "out" : ""));
    }
    all.ifPresent(v -> keys.real("rope.scaling.yarn_log_multiplier", 0.1 * v));
  }

  private double stretch() {
    return (double) config.requireInt("max_position_embeddings") / original(config);
  }

  /// The context of the training: beside the object, in it, or the longest.
  private static double original(ModelConfig config) {
    String key = "original_max_position_embeddings";
    OptionalDouble beside = config.number(key);
    return beside.isPresent()
        ? beside.getAsDouble()
        : number(config, key).orElseGet(() -> config.requireInt("max_position_embeddings"));
  }

  /// The frequencies of Llama 3.
  static Llama3Rope llama3(ModelConfig config, double theta) {
    return new Llama3Rope(
        theta,
        number(config, "factor").orElse(8),
        number(config, "low_freq_factor").orElse(1),
        number(config, "high_freq_factor").orElse(4),
        original(config));
  }

  private double required(String key) {
    return number(config, key)
        .orElseThrow(() -> keys.cannot("a rope scaling without \"" + key + "\""));
  }

  static double theta(ModelConfig config, GgufFamily family) {
    OptionalDouble nested = number(config, "rope_theta");
    return nested.isPresent()
        ? nested.getAsDouble()
        : config.number(family.rotary().theta()).orElse(family.base());
  }

  static String type(ModelConfig config) {
    JsonNode scaling = scaling(config);
    JsonNode type = scaling.has("rope_type") ? scaling.get("rope_type") : scaling.path("type");
    return type.asString("default");
  }

  static OptionalDouble number(ModelConfig config, String key) {
    return config.number(scaling(config), key);
  }

  static JsonNode scaling(ModelConfig config) {
    return config.ropeScaling().orElseGet(() -> config.root().objectNode());
  }
}
