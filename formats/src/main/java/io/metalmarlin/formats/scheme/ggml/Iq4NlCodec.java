package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import org.jspecify.annotations.Nullable;

/// IQ4_NL: 32 weights `d` times one of 16 unevenly spaced levels (see [NonLinearFit]). fp16 `d`,
/// then 16 bytes of nibbles in the order of Q4_0.
final class Iq4NlCodec extends ArrayCodec {
  private static final int CHUNK = 1024;

  Iq4NlCodec() {
    super(DType.IQ4_NL);
  }

  @Override
  void decodeBlock(byte[] b, int o, float[] y, int at) {
    float d = Bytes.half(b, o);
    for (int j = 0; j < 16; j++) {
      int q = b[o + 2 + j];
      y[at + j] = d * NonLinearFit.LEVELS[q & 15];
      y[at + 16 + j] = d * NonLinearFit.LEVELS[q >> 4 & 15];
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
    byte[] codes = new byte[32];
    for (int c = 0; c < cols; c += CHUNK) {
      int n = Math.min(CHUNK, cols - c);
      for (int i = 0; i < n; i += 32) {
        Weights.fillLevels(x, from + c + i, importance, importanceFrom + c + i, weights, i, 32);
      }
      kernels.nonLinear(x, from + c, n / 32, weights, factors);
      for (int g = 0; g < n / 32; g++, at += 18) {
        float d = factors[g];
        kernels.nonLinearCodes(x, from + c + 32 * g, d != 0 ? 1 / d : 0, codes, 0);
        Bytes.putHalf(out, at, d);
        Nibbles.put(codes, 0, out, at + 2);
      }
    }
  }
}
