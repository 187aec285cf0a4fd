package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.model.Role;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Matrices of latent attention that make keys and values (DeepSeek's `kv_b_proj`), for a target
/// that stores them in two halves with the keys of each head transposed: packed rows cannot be
/// turned into packed columns, so they stay as they are.
///
/// Source: llama.cpp `convert_hf_to_gguf.py`, `attn_k_b` and `attn_v_b` of DeepSeek 2.
record SplitLatents(ModelSpec spec, Target target) {
  private static final String IN_HALVES = "gguf";

  /// The linears that stay as they are.
  Set<Linear> kept() {
    return target.dialect().equals(IN_HALVES)
        ? spec.linears().stream()
            .filter(l -> l.id().role() == Role.KV_UP)
            .collect(Collectors.toUnmodifiableSet())
        : Set.of();
  }

  /// One warning for all of them.
  ///
  /// @param ignored linears that stay for another reason
  Optional<Plan.Warning> warning(Set<Linear> ignored) {
    List<Linear> kept =
        spec.linears().stream().filter(kept()::contains).filter(l -> !ignored.contains(l)).toList();
    if (kept.isEmpty()) {
      return Optional.empty();
    }
    long weights = kept.stream().mapToLong(l -> (long) l.out() * l.in()).sum();
    return Optional.of(
        new Plan.Warning(
            Plan.Warning.SPLIT,
            spec.tensor(kept.getFirst()),
            "%d matrices of latent keys and values (%,d weights) stay in their source type: a file for %s holds them in two halves, one of them transposed"
                .formatted(kept.size(), weights, target.name())));
  }
}
