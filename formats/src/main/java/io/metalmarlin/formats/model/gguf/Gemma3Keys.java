package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.model.ModelConfig;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Gemma 3: five layers with a window, then one without, and a rotary embedding of its own for
/// those with one.
record Gemma3Keys() implements FamilyKey {
  private static final String LOCAL_TYPE = "sliding_attention.rope_type";
  private static final int LARGEST = 62;
  private static final WindowPattern PATTERN = new WindowPattern(6, 4096);
  private static final FamilyKey ACTIVATION =
      FamilyKey.activation("hidden_activation", "gelu_pytorch_tanh", "gelu_pytorch_tanh");

  /// A configuration with the rotary embedding of layers without a window where other families have
  /// their only one. transformers 5 has both in `rope_parameters`, by the kind of layer.
  static ModelConfig oneRope(ModelConfig config) {
    ObjectNode root = config.root().deepCopy();
    JsonNode kinds = config.ropeScaling().orElse(root.objectNode());
    if (kinds.has("full_attention")) {
      root.remove("rope_parameters");
      root.set("rope_scaling", kinds.get("full_attention"));
      JsonNode local = kinds.path("sliding_attention");
      if (local.has("rope_theta")) {
        root.set("rope_local_base_freq", local.get("rope_theta"));
      }
      root.set(LOCAL_TYPE, local.path("rope_type"));
    }
    return new ModelConfig(config.file(), root);
  }

  @Override
  public void write(ModelConfig config, GgufKeys keys) {
    ACTIVATION.write(config, keys);
    PATTERN.check(config, keys);
    GemmaScale.check(config, keys, LARGEST);
    config.integer("sliding_window").ifPresent(n -> keys.whole("attention.sliding_window", n));
    keys.real("rope.freq_base_swa", config.number("rope_local_base_freq").orElse(10000));
    String local = config.root().path(LOCAL_TYPE).asString("default");
    if (!local.equals("default")) {
      throw keys.cannot("rope_type \"%s\" of layers with a window".formatted(local));
    }
    config
        .number("final_logit_softcapping")
        .ifPresent(f -> keys.real("final_logit_softcapping", f));
  }

  @Override
  public void read(Reading from) {
    ACTIVATION.read(from);
    GemmaScale.read(from, LARGEST);
    PATTERN.read(from);
    from.out().put("rope_local_base_freq", from.keys().real("rope.freq_base_swa").orElse(10000.0));
    from.keys()
        .real("final_logit_softcapping")
        .ifPresent(n -> from.out().put("final_logit_softcapping", n));
  }
}
