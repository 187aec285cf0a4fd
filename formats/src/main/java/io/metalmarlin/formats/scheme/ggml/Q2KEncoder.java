package io.metalmarlin.formats.scheme.ggml;

import org.jspecify.annotations.Nullable;

/// Encodes rows as Q2_K.
final class Q2KEncoder extends SuperBlockEncoder {
  private static final AffineFit PLAIN = new AffineFit(3, 16, -0.5f, 0.1f, 15, true);
  private static final AffineFit WEIGHTED = AffineFit.weighted(3, 16);

  private final int[] scaleCodes = new int[16];
  private final int[] minCodes = new int[16];

  Q2KEncoder() {
    super(84);
  }

  @Override
  void fit(float[] x, int o, int n, float @Nullable [] importance, int io) {
    if (importance == null) {
      for (int i = 0; i < n; i++) {
        weights[i] = Math.abs(x[o + i]);
      }
      kernels.affine(PLAIN, x, o, n / 16, weights, lines);
    } else {
      weigh(x, o, n, importance, io, 1);
      kernels.affine(WEIGHTED, x, o, n / 16, weights, lines);
      sumWeights(n, 16);
    }
  }

  @Override
  void put(float[] x, int o, int block, boolean weighted, byte[] out, int at) {
    int first = 16 * block;
    float[] scales = lines.scale();
    float[] mins = lines.min();
    if (weighted) {
      float d = PositiveFit.fit(15, scales, first, sums, first, scaleCodes);
      float m = PositiveFit.fit(15, mins, first, sums, first, minCodes);
      Bytes.putHalf(out, at + 80, d);
      Bytes.putHalf(out, at + 82, m);
    } else {
      Bytes.putHalf(out, at + 80, plain(scales, first, scaleCodes));
      Bytes.putHalf(out, at + 82, plain(mins, first, minCodes));
    }
    float d = Bytes.half(out, at + 80);
    float m = Bytes.half(out, at + 82);
    for (int g = 0; g < 16; g++) {
      int pair = scaleCodes[g] | minCodes[g] << 4;
      out[at + g] = (byte) pair;
      float scale = d * (pair & 15);
      float min = m * (pair >> 4 & 15);
      affineCodes(weighted ? WEIGHTED : PLAIN, x, o + 16 * g, first + g, scale, min);
    }
    Planes.putTwo(codes, 256 * block, out, at + 16);
  }

  /// Codes in 15 steps to the largest; the step.
  private static float plain(float[] values, int first, int[] codes) {
    float max = Math.max(0, Extremes.greatest(values, first, 16));
    float perStep = max > 0 ? 15 / max : 0;
    for (int g = 0; g < 16; g++) {
      codes[g] = Rounding.nearest(perStep * values[first + g]);
    }
    return max / 15;
  }
}
