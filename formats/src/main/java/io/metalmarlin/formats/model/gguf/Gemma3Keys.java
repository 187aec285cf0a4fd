package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.model.ModelConfig;

/// Gemma 3: five layers with a window, then one without, and a rotary embedding of its own for
/// those with one.
record Gemma3Keys() implements FamilyKey {
  private static final int LARGEST = 62;
  private static final WindowPattern PATTERN = new WindowPattern(6, 4096);
  private static final FamilyKey ACTIVATION =
      FamilyKey.activation("hidden_activation", "gelu_pytorch_tanh", "gelu_pytorch_tanh");

  @Override
  public void write(ModelConfig config, GgufKeys keys) {
    ACTIVATION.write(config, keys);
    PATTERN.check(config, keys);
    GemmaScale.check(config, keys, LARGEST);
    config.integer("sliding_window").ifPresent(n -> keys.whole("attention.sliding_window", n));
    config.number("rope_local_base_freq").ifPresent(f -> keys.real("rope.freq_base_swa", f));
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
