package io.metalmarlin.quant.verify;

import io.metalmarlin.formats.number.Floats;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.runtime.model.LatentAttention;
import io.metalmarlin.runtime.model.Mixer;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Block;
import io.metalmarlin.runtime.model.ModelSpec.Branch;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The norm in front of a linear layer. AWQ-style quantizers divide it by a factor per channel and
/// multiply the layer's columns by it: only the two together can be compared.
final class Norms {
  private Norms() {}

  /// The norm's weights of subject and reference, in this order; empty where the module has no norm
  /// before it, the architecture is not known, or both have the same norm.
  static Optional<float[][]> before(String module, Subject subject, Subject reference) {
    return subject
        .spec()
        .flatMap(spec -> tensor(spec, module))
        .flatMap(name -> {
          Optional<float[]> ours = read(subject, name);
          Optional<float[]> theirs = read(reference, name);
          boolean comparable =
              ours.isPresent()
                  && theirs.isPresent()
                  && ours.get().length == theirs.get().length
                  && !Arrays.equals(ours.get(), theirs.get());
          return comparable
              ? Optional.of(new float[][] {ours.get(), theirs.get()})
              : Optional.empty();
        });
  }

  private static Optional<String> tensor(ModelSpec spec, String module) {
    for (Block b : spec.blocks()) {
      for (Branch branch : b.branches()) {
        List<List<Linear>> stages = branch.mixer().stages();
        boolean first = stages.getFirst().stream().anyMatch(l -> spec.module(l).equals(module));
        if (first) {
          return branch.before().map(n -> spec.names().module(n.id()) + ".weight");
        }
        Optional<String> latent = latent(spec, branch.mixer(), module);
        if (latent.isPresent()) {
          return latent;
        }
      }
    }
    return Optional.empty();
  }

  /// The norm of the latent that a matrix of latent attention reads.
  private static Optional<String> latent(ModelSpec spec, Mixer mixer, String module) {
    if (!(mixer instanceof LatentAttention a)) {
      return Optional.empty();
    }
    if (spec.module(a.kvUp()).equals(module)) {
      return Optional.of(spec.names().module(a.kvNorm().id()) + ".weight");
    }
    return a.queries() instanceof LatentAttention.Queries.Latent q
            && spec.module(q.up()).equals(module)
        ? Optional.of(spec.names().module(q.norm().id()) + ".weight")
        : Optional.empty();
  }

  private static Optional<float[]> read(Subject subject, String tensor) {
    TensorInfo info = subject.checkpoint().tensors().get(tensor);
    if (info == null || info.shape().size() != 1 || !Floats.supports(info.dtype())) {
      return Optional.empty();
    }
    float[] values = new float[Math.toIntExact(info.elements())];
    Floats.widen(info.dtype(), subject.checkpoint().bytes(tensor), 0, values, 0, values.length);
    return Optional.of(values);
  }
}
