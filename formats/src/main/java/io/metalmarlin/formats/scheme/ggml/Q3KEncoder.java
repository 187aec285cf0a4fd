package io.metalmarlin.formats.scheme.ggml;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Encodes rows as Q3_K.
final class Q3KEncoder extends SuperBlockEncoder {
  private static final SymmetricFit GROUPS = new SymmetricFit(4, 16);
  private static final SymmetricFit SCALES = new SymmetricFit(32, 16);

  private final float[] blockWeights = new float[16];
  private final Lines superBlock = new Lines(1);
  private final byte[] scaleCodes = new byte[16];

  Q3KEncoder() {
    super(110);
  }

  @Override
  void fit(float[] x, int o, int n, float @Nullable [] importance, int io) {
    if (importance == null) {
      for (int g = 0; g < n / 16; g++) {
        lines.scale()[g] = DescentFit.fit(x, o + 16 * g, 16, codes, 16 * g);
      }
    } else {
      weigh(x, o, n, importance, io, 2);
      kernels.symmetric(GROUPS, x, o, n / 16, weights, lines);
      sumWeights(n, 16);
    }
  }

  @Override
  void put(float[] x, int o, int block, boolean weighted, byte[] out, int at) {
    float step = weighted ? weighted(16 * block) : plain(16 * block);
    Arrays.fill(out, at + 96, at + 108, (byte) 0);
    Bytes.putHalf(out, at + 108, step);
    float d = Bytes.half(out, at + 108);
    int c = 256 * block;
    for (int g = 0; g < 16; g++) {
      Q3KCodec.putScale(out, at + 96, g, scaleCodes[g]);
      float scale = d * (scaleCodes[g] - 32);
      if (scale != 0) {
        kernels.symmetricCodes(x, o + 16 * g, 16, scale, 4, codes, c + 16 * g);
      } else if (weighted) {
        GROUPS.codes(x, o + 16 * g, lines, 16 * block + g, codes, c + 16 * g);
      }
    }
    Q3KCodec.putCodes(codes, c, out, at);
  }

  private float weighted(int first) {
    System.arraycopy(sums, first, blockWeights, 0, 16);
    SCALES.fit(lines.scale(), first, 1, blockWeights, superBlock);
    SCALES.codes(lines.scale(), first, superBlock, 0, scaleCodes, 0);
    return superBlock.scale()[0];
  }

  /// The group scale of largest magnitude becomes -32 steps.
  private float plain(int first) {
    float largest = Extremes.largest(lines.scale(), first, 16);
    if (largest == 0) {
      Arrays.fill(scaleCodes, (byte) 0);
      return 0;
    }
    float perStep = -32 / largest;
    for (int g = 0; g < 16; g++) {
      int l = (byte) Rounding.nearest(perStep * lines.scale()[first + g]);
      scaleCodes[g] = (byte) (Math.max(-32, Math.min(31, l)) + 32);
    }
    return 1 / perStep;
  }
}
