package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.GroupScheme;

/// Any scheme, by its own definition: the specification of every faster kernel.
record ScalarGrid(GroupScheme scheme) implements GridKernel {
  @Override
  public void round(
      float[] v, int vFrom, float[] scale, float[] zero, int from, int n, float[] q, int[] code) {
    for (int i = 0; i < n; i++) {
      float s = scale[from + i];
      float z = zero[from + i];
      code[i] = nearest((bias(z) == 0 ? v[vFrom + i] : v[vFrom + i] - z) / s, z);
      q[i] = value(code[i], s, z);
    }
  }

  @Override
  public void loss(float[] group, int columns, int n, float[] scale, float[] zero, float[] loss) {
    for (int i = 0; i < n; i++) {
      float inverse = 1 / scale[i];
      float sum = 0;
      for (int c = 0; c < columns; c++) {
        float w = group[c * n + i];
        float x = bias(zero[i]) == 0 ? w * inverse : (w - zero[i]) * inverse;
        float r = w - value(nearest(x, zero[i]), scale[i], zero[i]);
        sum += r * r;
      }
      loss[i] = sum;
    }
  }

  private float bias(float zero) {
    return scheme.zero() == GroupScheme.Zero.BIAS ? zero : 0;
  }

  /// A zero point moves the quotient before it is rounded, which changes no tie but one: the sum of
  /// a quotient and a zero point may round; the whole number must be found first.
  private int nearest(float x, float zero) {
    if (scheme.zero() != GroupScheme.Zero.POINT) {
      return scheme.nearest(x);
    }
    return (int) Math.clamp(Math.rint((double) x) + zero, 0, (1 << scheme.codeBits()) - 1);
  }

  private float value(int code, float s, float zero) {
    return switch (scheme.zero()) {
      case NONE -> s * scheme.value(code);
      case POINT -> (scheme.value(code) - zero) * s;
      case BIAS -> scheme.value(code) * s + zero;
    };
  }
}
