package io.metalmarlin.runtime.decode;

import io.metalmarlin.runtime.backend.NormWeights;
import io.metalmarlin.runtime.model.ModelSpec.Parameter;
import io.metalmarlin.runtime.model.Norm;
import io.metalmarlin.runtime.model.Weights;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Fetches the values of norms.
final class Norms {
  private Norms() {}

  static NormWeights of(Norm norm, Weights weights) {
    float[] gamma = new float[norm.size()];
    Arrays.fill(gamma, 1);
    if (norm.weight()) {
      gamma = values(norm.stored(".weight"), norm.size(), weights);
      for (int i = 0; i < gamma.length && norm.offset() != 0; i++) {
        gamma[i] += norm.offset();
      }
    }
    float[] beta = norm.bias() ? values(norm.stored(".bias"), norm.size(), weights) : new float[0];
    return new NormWeights(norm.kind(), gamma, beta, norm.group(), norm.epsilon());
  }

  static @Nullable NormWeights of(Optional<Norm> norm, Weights weights) {
    return norm.isPresent() ? of(norm.get(), weights) : null;
  }

  private static float[] values(List<Parameter> parts, int size, Weights weights) {
    float[] all = new float[size];
    int at = 0;
    for (Parameter p : parts) {
      float[] part = weights.values(p);
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }
}
