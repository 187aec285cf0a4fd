package io.metalmarlin.quant.solve;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Vector arithmetic on arrays whose length is a multiple of [GridKernel#LANES]. Results do not
/// depend on the width of the machine's vectors: nothing is contracted, and sums run in 16 virtual
/// lanes.
final class Lanes {
  static final VectorSpecies<Float> SPECIES =
      FloatVector.SPECIES_PREFERRED.length() > GridKernel.LANES
          ? FloatVector.SPECIES_512
          : FloatVector.SPECIES_PREFERRED;

  private static final VectorSpecies<Float> F = SPECIES;

  private Lanes() {}

  /// `v[from + i] -= factor * d[i]`.
  static void subtractScaled(float[] v, int from, float[] d, float factor, int n) {
    subtractScaled(v, from, d, 0, factor, n);
  }

  /// `v[from + i] -= factor * d[at + i]`.
  static void subtractScaled(float[] v, int from, float[] d, int at, float factor, int n) {
    FloatVector f = FloatVector.broadcast(F, factor);
    for (int i = 0; i < n; i += F.length()) {
      FloatVector product = FloatVector.fromArray(F, d, at + i).mul(f);
      FloatVector.fromArray(F, v, from + i).sub(product).intoArray(v, from + i);
    }
  }

  /// Sum of squares: each of 16 lanes in fp32 (n / 16 terms), the lanes together in fp64.
  ///
  /// @param lanes work array of 16
  static double sumOfSquares(float[] a, int from, int n, float[] lanes) {
    for (int lane = 0; lane < GridKernel.LANES; lane += F.length()) {
      FloatVector sum = FloatVector.zero(F);
      for (int i = from + lane; i < from + n; i += GridKernel.LANES) {
        FloatVector x = FloatVector.fromArray(F, a, i);
        sum = sum.add(x.mul(x));
      }
      sum.intoArray(lanes, lane);
    }
    double sum = 0;
    for (float lane : lanes) {
      sum += lane;
    }
    return sum;
  }
}
