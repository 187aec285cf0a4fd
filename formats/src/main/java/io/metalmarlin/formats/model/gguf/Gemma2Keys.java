package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.model.ModelConfig;
import java.util.List;

/// Gemma 2: soft caps, a window in every other layer, a scale of scores that llama.cpp has built
/// in.
record Gemma2Keys() implements FamilyKey {
  static final int LARGEST = 46;

  private static final List<FamilyKey> PARTS =
      List.of(
          FamilyKey.activation("hidden_activation", "gelu_pytorch_tanh", "gelu_pytorch_tanh"),
          new Real("attn_logit_softcapping", "attn_logit_softcapping", 50),
          new Real("final_logit_softcapping", "final_logit_softcapping", 30),
          new WindowPattern(2, 4096));

  @Override
  public void write(ModelConfig config, GgufKeys keys) {
    PARTS.forEach(p -> p.write(config, keys));
    GemmaScale.check(config, keys, LARGEST);
  }

  @Override
  public void read(Reading from) {
    PARTS.forEach(p -> p.read(from));
    GemmaScale.read(from, LARGEST);
  }
}
