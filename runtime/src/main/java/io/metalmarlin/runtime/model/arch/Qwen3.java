package io.metalmarlin.runtime.model.arch;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.ModelSpec;

/// Qwen3 (dense): Llama with a norm per head on queries and keys before the rotary embedding, and a
/// head width that does not follow from hidden size and heads.
///
/// Source: transformers 5.23 `models/qwen3/modeling_qwen3.py`.
public final class Qwen3 implements Architecture {
  @Override
  public String modelType() {
    return "qwen3";
  }

  @Override
  public ModelSpec describe(ModelConfig config) {
    return new LlamaFamily(config, LlamaFamily.Traits.QWEN3).describe();
  }
}
