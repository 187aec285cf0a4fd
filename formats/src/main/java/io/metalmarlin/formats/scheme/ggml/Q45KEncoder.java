package io.metalmarlin.formats.scheme.ggml;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Encodes rows as Q4_K or Q5_K, which differ in the fifth bits and in two numbers of the search.
final class Q45KEncoder extends SuperBlockEncoder {
  private static final AffineFit PLAIN_4 = new AffineFit(15, 32, -1, 0.1f, 20, false);
  private static final AffineFit PLAIN_5 = new AffineFit(31, 32, -0.5f, 0.1f, 15, false);
  private static final AffineFit WEIGHTED_4 = AffineFit.weighted(15, 32);
  private static final AffineFit WEIGHTED_5 = AffineFit.weighted(31, 32);

  private final int bits;
  private final int[] scaleCodes = new int[8];
  private final int[] minCodes = new int[8];

  /// @param bits 4 or 5
  Q45KEncoder(int bits) {
    super(bits == 4 ? 144 : 176);
    this.bits = bits;
  }

  @Override
  void fit(float[] x, int o, int n, float @Nullable [] importance, int io) {
    if (importance == null) {
      for (int g = 0; g < n; g += 32) {
        Weights.fillAboveRoot(x, o + g, weights, g, 32);
      }
    } else {
      weigh(x, o, n, importance, io, 2);
      sumWeights(n, 32);
    }
    kernels.affine(search(importance != null), x, o, n / 32, weights, lines);
  }

  @Override
  void put(float[] x, int o, int block, boolean weighted, byte[] out, int at) {
    int first = 8 * block;
    float[] scales = lines.scale();
    float[] mins = lines.min();
    if (weighted) {
      Bytes.putHalf(out, at, PositiveFit.fit(63, scales, first, sums, first, scaleCodes));
      Bytes.putHalf(out, at + 2, PositiveFit.fit(63, mins, first, sums, first, minCodes));
    } else {
      Bytes.putHalf(out, at, plain(scales, first, scaleCodes));
      Bytes.putHalf(out, at + 2, plain(mins, first, minCodes));
    }
    float d = Bytes.half(out, at);
    float m = Bytes.half(out, at + 2);
    int pairs = at + 4;
    for (int g = 0; g < 8; g++) {
      int sc = scaleCodes[g];
      int mn = minCodes[g];
      // Without the limit a code above 63 spoils its neighbours; that is how Q4_K is written.
      boolean limit = !weighted || bits == 5;
      SixBitPairs.put(out, pairs, g, limit ? Math.min(63, sc) : sc, limit ? Math.min(63, mn) : mn);
    }
    int c = 256 * block;
    for (int g = 0; g < 8; g++) {
      float scale = d * SixBitPairs.scale(out, pairs, g);
      float min = m * SixBitPairs.min(out, pairs, g);
      affineCodes(search(weighted), x, o + 32 * g, first + g, scale, min);
    }
    putCodes(bits, codes, c, out, at);
  }

  private AffineFit search(boolean weighted) {
    return bits == 4 ? (weighted ? WEIGHTED_4 : PLAIN_4) : weighted ? WEIGHTED_5 : PLAIN_5;
  }

  /// Stores `codes[c .. c + 256)` in a block.
  static void putCodes(int bits, byte[] codes, int c, byte[] out, int at) {
    if (bits == 5) {
      Arrays.fill(out, at + 16, at + 48, (byte) 0);
      for (int i = 0; i < 256; i++) {
        out[at + 16 + (i & 31)] |= (byte) (codes[c + i] >> 4 << i / 32);
      }
    }
    int nibbles = at + (bits == 4 ? 16 : 48);
    for (int g = 0; g < 8; g += 2) {
      for (int l = 0; l < 32; l++) {
        int low = codes[c + 32 * g + l] & 15;
        out[nibbles + 16 * g + l] = (byte) (low | codes[c + 32 * g + 32 + l] << 4);
      }
    }
  }

  /// Codes in 63 steps to the largest; the step.
  private static float plain(float[] values, int first, int[] codes) {
    float max = Math.max(0, Extremes.greatest(values, first, 8));
    float perStep = max > 0 ? 63 / max : 0;
    for (int g = 0; g < 8; g++) {
      codes[g] = Rounding.nearest(perStep * values[first + g]) & 0xff;
    }
    return max / 63;
  }
}
