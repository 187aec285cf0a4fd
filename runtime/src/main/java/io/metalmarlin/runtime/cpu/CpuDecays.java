package io.metalmarlin.runtime.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

/// How much of a memory each token leaves.
final class CpuDecays {
  private CpuDecays() {}

  /// One row of `Backend.decay`.
  static void row(CpuTensor x, float[] rates, float[] shifts, int row) {
    for (int c = 0; c < x.cols(); c++) {
      long at = x.offset(row) + 4L * c;
      double step = (double) x.data().get(JAVA_FLOAT, at) + shifts[c];
      // softplus: for large steps the logarithm would overflow, and is the step itself.
      double plus = step > 30 ? step : Math.log1p(Math.exp(step));
      x.data().set(JAVA_FLOAT, at, (float) Math.exp(-rates[c] * plus));
    }
  }
}
