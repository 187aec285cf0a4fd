package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.GroupScheme;

/// Any scheme, by its own definition: the specification of every faster kernel.
record ScalarGrid(GroupScheme scheme) implements GridKernel {
  @Override
  public void round(
      float[] v, int vFrom, float[] scale, int scaleFrom, int n, float[] q, int[] code) {
    for (int i = 0; i < n; i++) {
      float s = scale[scaleFrom + i];
      code[i] = scheme.nearest(v[vFrom + i] / s);
      q[i] = s * scheme.value(code[i]);
    }
  }

  @Override
  public void loss(float[] group, int columns, int n, float[] scale, float[] loss) {
    for (int i = 0; i < n; i++) {
      float inverse = 1 / scale[i];
      float sum = 0;
      for (int c = 0; c < columns; c++) {
        float w = group[c * n + i];
        float r = w - scale[i] * scheme.value(scheme.nearest(w * inverse));
        sum += r * r;
      }
      loss[i] = sum;
    }
  }
}
