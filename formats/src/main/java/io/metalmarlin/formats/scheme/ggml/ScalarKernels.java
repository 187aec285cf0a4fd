package io.metalmarlin.formats.scheme.ggml;

/// The definition of every kernel, one weight after the other.
final class ScalarKernels implements EncodeKernels {
  @Override
  public void affine(AffineFit fit, float[] x, int o, int groups, float[] weights, Lines lines) {
    fit.fit(x, o, groups, weights, lines);
  }

  @Override
  public void symmetric(
      SymmetricFit fit, float[] x, int o, int groups, float[] weights, Lines lines) {
    fit.fit(x, o, groups, weights, lines);
  }

  @Override
  public void nonLinear(float[] x, int o, int groups, float[] weights, float[] factors) {
    for (int g = 0; g < groups; g++) {
      factors[g] = NonLinearFit.fit(x, o + 32 * g, weights, 32 * g);
    }
  }

  @Override
  public void nonLinearCodes(float[] x, int o, float inverse, byte[] codes, int co) {
    for (int j = 0; j < 32; j++) {
      codes[co + j] = (byte) NonLinearFit.nearest(inverse * x[o + j]);
    }
  }

  @Override
  public void affineCodes(
      float[] x, int o, int n, float scale, float min, int levels, byte[] codes, int co) {
    for (int i = 0; i < n; i++) {
      int l = Rounding.nearest((x[o + i] + min) / scale);
      codes[co + i] = (byte) Math.max(0, Math.min(levels, l));
    }
  }

  @Override
  public void symmetricCodes(float[] x, int o, int n, float scale, int half, byte[] codes, int co) {
    for (int i = 0; i < n; i++) {
      int l = Rounding.nearest(x[o + i] / scale);
      codes[co + i] = (byte) (Math.max(-half, Math.min(half - 1, l)) + half);
    }
  }

  /// The element of largest magnitude becomes -8 exactly.
  @Override
  public void q40(float[] x, int o, int blocks, byte[] out, int at) {
    for (int k = 0; k < blocks; k++, o += 32, at += 18) {
      float d = Extremes.largest(x, o, 32) / -8;
      float id = d != 0 ? 1 / d : 0;
      Bytes.putHalf(out, at, d);
      for (int j = 0; j < 16; j++) {
        int low = Math.min(15, (byte) Rounding.truncate(x[o + j] * id + 8.5f));
        int high = Math.min(15, (byte) Rounding.truncate(x[o + 16 + j] * id + 8.5f));
        out[at + 2 + j] = (byte) (low | high << 4);
      }
    }
  }
}
