package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import java.util.Optional;

/// Which linears a target's loaders put into one matrix, so that they must have one scheme.
///
/// Sources: vLLM joins q, k and v as well as gate and up, and takes one method for all experts of a
/// layer (`compressed_tensors_moe.py`); mlx-lm and llama.cpp stack the experts of one kind of
/// matrix and take everything else by itself.
public enum Joins {
  /// q, k and v; gate and up; all matrices of all experts of a layer.
  FUSED,
  /// One kind of matrix of all experts of a layer.
  STACKED,
  /// None.
  NONE;

  /// The set a linear belongs to; empty where it stands alone.
  Optional<String> set(Linear l) {
    boolean expert = l.id().expert() != WeightId.SINGLE;
    return switch (this) {
      case FUSED -> Optional.of(l.id().layer() + "." + (expert ? "experts" : l.fuseGroup()));
      case STACKED -> expert ? Optional.of(l.id().layer() + "." + l.id().role()) : Optional.empty();
      case NONE -> Optional.empty();
    };
  }
}
