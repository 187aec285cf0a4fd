package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.model.Role;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Block;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Query and key matrices whose rows a loader brings into another order while it reads them, and
/// only where their tensor is called `weight`: packed ones would be read without a complaint and
/// attention be wrong. What it fuses them with stays too.
///
/// Source: vLLM `vllm/model_executor/models/llama4.py`, `permute_qk_weight_for_rotary` (pull
/// requests 34243, 34471 and 34997: scales of FP8 and INT8 follow since February 2026, codes of
/// other layouts did for a week). SGLang's `mllama4.py` does the same.
record PermutedHeads(ModelSpec spec, Target target) implements LoaderGap {
  private static final String FAMILY = "llama4_text";

  /// Targets that vLLM loads, but for ModelOpt's, whose codes are called `weight`.
  private static final Set<String> TARGETS = Set.of("vllm", "gptq", "awq");

  @Override
  public String code() {
    return "W309";
  }

  @Override
  public String reason() {
    return "turned by the loader";
  }

  @Override
  public List<Linear> kept() {
    return spec.family().equals(FAMILY) && TARGETS.contains(target.name())
        ? spec.blocks().stream().flatMap(b -> heads(b).stream()).toList()
        : List.of();
  }

  private static List<Linear> heads(Block block) {
    Set<String> fused =
        block.linears().stream()
            .filter(l -> l.id().role() == Role.Q || l.id().role() == Role.K)
            .map(Linear::fuseGroup)
            .collect(Collectors.toSet());
    return block.linears().stream().filter(l -> fused.contains(l.fuseGroup())).toList();
  }

  @Override
  public String message(List<Linear> kept, long weights) {
    return "%d matrices of queries, keys and values (%,d weights) stay in their source type: vLLM reorders rows of model_type \"%s\" when it loads them, but not those of packed tensors"
        .formatted(kept.size(), weights, spec.family());
  }
}
