package io.metalmarlin.runtime.backend;

import io.metalmarlin.runtime.model.Norm;

/// A norm with its values: what [Norm] declares, as fp32.
///
/// @param gamma factors; a multiple of `group` long and repeated along the row
/// @param beta summands, as long as `gamma`; empty for none
/// @param group values that are normalised together
public record NormWeights(Norm.Kind kind, float[] gamma, float[] beta, int group, float epsilon) {
  public NormWeights {
    if (gamma.length % group != 0 || beta.length != 0 && beta.length != gamma.length) {
      throw new IllegalArgumentException(
          "norm of %d with %d factors and %d summands".formatted(group, gamma.length, beta.length));
    }
  }
}
