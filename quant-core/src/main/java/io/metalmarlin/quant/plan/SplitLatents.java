package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.model.Role;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import java.util.List;

/// Matrices of latent attention that make keys and values (DeepSeek's `kv_b_proj`), for a target
/// that stores them in two halves with the keys of each head transposed: packed rows cannot be
/// turned into packed columns, so they stay as they are.
///
/// Source: llama.cpp `convert_hf_to_gguf.py`, `attn_k_b` and `attn_v_b` of DeepSeek 2.
record SplitLatents(ModelSpec spec, Target target) implements LoaderGap {
  private static final String IN_HALVES = "gguf";

  @Override
  public String code() {
    return "W308";
  }

  @Override
  public String reason() {
    return "stored in two halves";
  }

  @Override
  public List<Linear> kept() {
    return target.dialect().equals(IN_HALVES)
        ? spec.linears().stream().filter(l -> l.id().role() == Role.KV_UP).toList()
        : List.of();
  }

  @Override
  public String message(List<Linear> kept, long weights) {
    return "%d matrices of latent keys and values (%,d weights) stay in their source type: a file for %s holds them in two halves, one of them transposed"
        .formatted(kept.size(), weights, target.name());
  }
}
