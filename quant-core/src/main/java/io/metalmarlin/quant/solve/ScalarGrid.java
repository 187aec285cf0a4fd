package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.Scheme;

/// Any scheme, by its own definition: the specification of every faster kernel.
record ScalarGrid(Scheme scheme) implements GridKernel {
  @Override
  public void round(float[] v, int vFrom, float[] scale, int scaleFrom, int n, float[] q, int[] code) {
    for (int i = 0; i < n; i++) {
      float s = scale[scaleFrom + i];
      code[i] = scheme.nearest(v[vFrom + i] / s);
      q[i] = s * scheme.value(code[i]);
    }
  }

  @Override
  public void addLoss(float[] w, int wFrom, float[] scale, int n, float[] loss) {
    for (int i = 0; i < n; i++) {
      float s = scale[i];
      float r = w[wFrom + i] - s * scheme.value(scheme.nearest(w[wFrom + i] / s));
      loss[i] += r * r;
    }
  }
}
