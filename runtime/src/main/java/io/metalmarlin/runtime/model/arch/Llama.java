package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.ModelSpec;

/// Llama: grouped-query attention, SiLU-gated MLP, RMS norms, rotary embedding on halves.
///
/// Source: transformers 5.23 `models/llama/modeling_llama.py`.
public final class Llama implements Architecture {
  @Override
  public String modelType() {
    return "llama";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    return new LlamaFamily(config, LlamaFamily.Traits.LLAMA).describe();
  }
}
