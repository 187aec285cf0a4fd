package io.metalmarlin.runtime.decode;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.model.Attention;
import io.metalmarlin.runtime.model.DifferentialAttention;
import io.metalmarlin.runtime.model.GatedDeltaNet;
import io.metalmarlin.runtime.model.LatentAttention;
import io.metalmarlin.runtime.model.LinearAttention;
import io.metalmarlin.runtime.model.Mixer;
import io.metalmarlin.runtime.model.MixtureOfExperts;
import io.metalmarlin.runtime.model.Mlp;
import io.metalmarlin.runtime.model.Unknown;
import io.metalmarlin.runtime.model.Weights;

/// The class that runs each kind of mixer.
final class MixerRunners {
  private MixerRunners() {}

  /// Fetches the weights of a mixer.
  static MixerRunner open(Mixer mixer, Weights weights, Workspace workspace) {
    return switch (mixer) {
      case Attention a -> new AttentionRunner(a, weights, workspace);
      case DifferentialAttention d -> new DifferentialAttentionRunner(d, weights, workspace);
      case LatentAttention l -> new LatentAttentionRunner(l, weights, workspace);
      case LinearAttention l -> new LinearAttentionRunner(l, weights, workspace);
      case GatedDeltaNet g -> new GatedDeltaNetRunner(g, weights, workspace);
      case Mlp m -> new MlpRunner(m, weights, workspace);
      case MixtureOfExperts m -> new MixtureRunner(m, weights, workspace);
      case Unknown u ->
          throw new MarlinException(
              ErrorCode.UNSUPPORTED_MODEL,
              "block",
              "only the names of its weights are known, not what they compute",
              "Use a checkpoint of a family that `marlin models` lists.");
    };
  }
}
