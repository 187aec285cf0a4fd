package io.metalmarlin.formats.scheme.ggml;

/// The last step of the K types: codes once more, from the scales as they are stored. A group whose
/// stored scale is zero keeps the codes of its fit.
final class Requantize {
  private Requantize() {}

  /// Codes in 0 to `levels` for `(x + min) / scale`.
  static void affine(
      float[] x, int o, int n, float scale, float min, int levels, byte[] codes, int co) {
    if (scale == 0) {
      return;
    }
    for (int i = 0; i < n; i++) {
      int l = Rounding.nearest((x[o + i] + min) / scale);
      codes[co + i] = (byte) Math.max(0, Math.min(levels, l));
    }
  }

  /// Codes in 0 to `2 * half - 1` for `x / scale + half`.
  static void symmetric(float[] x, int o, int n, float scale, int half, byte[] codes, int co) {
    if (scale == 0) {
      return;
    }
    for (int i = 0; i < n; i++) {
      int l = Rounding.nearest(x[o + i] / scale);
      codes[co + i] = (byte) (Math.max(-half, Math.min(half - 1, l)) + half);
    }
  }
}
