package io.metalmarlin.formats.scheme.ggml;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Encodes rows as Q6_K.
final class Q6KEncoder extends SuperBlockEncoder {
  private static final SymmetricFit GROUPS = new SymmetricFit(32, 16);

  Q6KEncoder() {
    super(210);
  }

  /// The importance is the weight as it is; without one it is `x^2`.
  @Override
  void fit(float[] x, int o, int n, float @Nullable [] importance, int io) {
    if (importance == null) {
      for (int i = 0; i < n; i++) {
        weights[i] = x[o + i] * x[o + i];
      }
    } else {
      System.arraycopy(importance, io, weights, 0, n);
    }
    kernels.symmetric(GROUPS, x, o, n / 16, weights, lines);
  }

  @Override
  void put(float[] x, int o, int block, boolean weighted, byte[] out, int at) {
    float[] scales = lines.scale();
    float largest = Extremes.largest(scales, 16 * block, 16);
    if (Math.abs(largest) < SymmetricFit.NOTHING) {
      Arrays.fill(out, at, at + 210, (byte) 0);
      return;
    }
    float perStep = -128 / largest;
    Bytes.putHalf(out, at + 208, 1 / perStep);
    float d = Bytes.half(out, at + 208);
    int c = 256 * block;
    for (int g = 0; g < 16; g++) {
      int s = Math.min(127, Rounding.nearest(perStep * scales[16 * block + g]));
      out[at + 192 + g] = (byte) s;
      symmetricCodes(GROUPS, x, o + 16 * g, 16 * block + g, d * (byte) s);
    }
    Q6KCodec.putCodes(codes, c, out, at);
  }
}
