package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// IQ4_XS: 8 groups of 32 weights `d * (scale - 32)` times one of 16 unevenly spaced levels (see
/// [NonLinearFit]). fp16 `d`, a word with two high bits of each 6-bit scale, 4 bytes with their low
/// nibbles, 128 bytes of nibbles, each group of 32 in the order of Q4_0.
final class Iq4XsCodec extends ArrayCodec {
  private static final int CHUNK = 1024;

  Iq4XsCodec() {
    super(DType.IQ4_XS);
  }

  @Override
  void decodeBlock(byte[] b, int o, float[] y, int at) {
    float d = Bytes.half(b, o);
    for (int g = 0; g < 8; g++) {
      float scale = d * scale(b, o, g);
      for (int j = 0; j < 16; j++) {
        int q = b[o + 8 + 16 * g + j];
        y[at + 32 * g + j] = scale * NonLinearFit.LEVELS[q & 15];
        y[at + 32 * g + 16 + j] = scale * NonLinearFit.LEVELS[q >> 4 & 15];
      }
    }
  }

  @Override
  public boolean writes() {
    return true;
  }

  @Override
  void encodeBlocks(
      float[] x,
      int from,
      int cols,
      float @Nullable [] importance,
      int importanceFrom,
      byte[] out,
      int at) {
    EncodeKernels kernels = EncodeKernels.BEST;
    float[] weights = new float[CHUNK];
    float[] factors = new float[CHUNK / 32];
    for (int c = 0; c < cols; c += CHUNK) {
      int n = Math.min(CHUNK, cols - c);
      for (int i = 0; i < n; i += 256) {
        Weights.fillLevels(x, from + c + i, importance, importanceFrom + c + i, weights, i, 256);
      }
      kernels.nonLinear(x, from + c, n / 32, weights, factors);
      for (int b = 0; b < n / 256; b++, at += 136) {
        put(kernels, x, from + c + 256 * b, factors, 8 * b, out, at);
      }
    }
  }

  private static void put(
      EncodeKernels kernels, float[] x, int o, float[] factors, int first, byte[] out, int at) {
    float d = -Extremes.largest(factors, first, 8) / 32;
    float id = d != 0 ? 1 / d : 0;
    Bytes.putHalf(out, at, d);
    byte[] codes = new byte[32];
    int[] scales = new int[8];
    for (int g = 0; g < 8; g++) {
      scales[g] = Math.clamp(Rounding.nearest(id * factors[first + g]), -32, 31);
      float scale = d * scales[g];
      kernels.nonLinearCodes(x, o + 32 * g, scale != 0 ? 1 / scale : 0, codes, 0);
      Nibbles.put(codes, 0, out, at + 8 + 16 * g);
    }
    putScales(scales, out, at);
  }

  /// The scale of group `g` of a block, -32 to 31.
  static int scale(byte[] b, int o, int g) {
    int low = b[o + 4 + g / 2] >> 4 * (g & 1) & 15;
    return (low | (Bytes.u16(b, o + 2) >> 2 * g & 3) << 4) - 32;
  }

  /// Stores the eight scales of a block.
  static void putScales(int[] scales, byte[] b, int o) {
    Arrays.fill(b, o + 4, o + 8, (byte) 0);
    int high = 0;
    for (int g = 0; g < 8; g++) {
      int s = scales[g] + 32;
      b[o + 4 + g / 2] |= (byte) ((s & 15) << 4 * (g & 1));
      high |= s >> 4 << 2 * g;
    }
    Bytes.putU16(b, o + 2, high);
  }
}
