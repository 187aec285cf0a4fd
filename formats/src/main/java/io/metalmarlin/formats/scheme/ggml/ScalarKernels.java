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

  /// The element of largest magnitude becomes the lowest code exactly.
  @Override
  public void symmetricBlocks(int bits, float[] x, int o, int blocks, byte[] out, int at) {
    int half = 1 << bits - 1;
    byte[] codes = new byte[32];
    for (int k = 0; k < blocks; k++, o += 32) {
      float d = Extremes.largest(x, o, 32) / -half;
      float id = d != 0 ? 1 / d : 0;
      Bytes.putHalf(out, at, d);
      for (int j = 0; j < 32; j++) {
        int l = (byte) Rounding.truncate(x[o + j] * id + (half + 0.5f));
        codes[j] = (byte) Math.min(2 * half - 1, l);
      }
      at = Nibbles.put(bits, codes, out, at + 2);
    }
  }

  /// From the smallest to the largest element in as many steps as there are.
  @Override
  public void affineBlocks(int bits, float[] x, int o, int blocks, byte[] out, int at) {
    int levels = (1 << bits) - 1;
    byte[] codes = new byte[32];
    for (int k = 0; k < blocks; k++, o += 32) {
      float min = Extremes.smallest(x, o, 32);
      float d = (Extremes.greatest(x, o, 32) - min) / levels;
      float id = d != 0 ? 1 / d : 0;
      Bytes.putHalf(out, at, d);
      Bytes.putHalf(out, at + 2, min);
      for (int j = 0; j < 32; j++) {
        int l = (byte) Rounding.truncate((x[o + j] - min) * id + 0.5f);
        codes[j] = (byte) (bits == 4 ? Math.min(levels, l) : l);
      }
      at = Nibbles.put(bits, codes, out, at + 4);
    }
  }

  @Override
  public float magnitude(float[] x, int o, int n) {
    return Extremes.absolute(x, o, n);
  }

  @Override
  public void fp4Codes(float[] x, int o, float half, byte[] codes, int co) {
    for (int j = 0; j < 16; j++) {
      codes[co + j] = (byte) Fp4.nearest(x[o + j], half);
    }
  }
}
