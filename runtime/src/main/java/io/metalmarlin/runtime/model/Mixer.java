package io.metalmarlin.runtime.model;

import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.ModelSpec.Parameter;
import java.util.List;

/// What a branch does with its input: attention, an MLP, a mixture of experts. A declaration; the
/// class that runs it is one `MixerRunner`.
///
/// A mixer works in stages: the matrix products of a stage have all their inputs at hand, and
/// between two stages lies only what the second one's products need. A calibrator may stop there.
public sealed interface Mixer
    permits Attention,
        DifferentialAttention,
        GatedDeltaNet,
        LatentAttention,
        LinearAttention,
        MixtureOfExperts,
        Mlp,
        Unknown {
  /// The linears by stage, in running order; each stage names at least one.
  List<List<Linear>> stages();

  /// Tensors beside the linears.
  List<Parameter> parameters();

  /// All linears in running order.
  default List<Linear> linears() {
    return stages().stream().flatMap(List::stream).toList();
  }
}
