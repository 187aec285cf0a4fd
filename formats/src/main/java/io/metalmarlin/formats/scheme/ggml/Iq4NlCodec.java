package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import org.jspecify.annotations.Nullable;

/// IQ4_NL: 32 weights `d` times one of 16 unevenly spaced levels (see [NonLinearFit]). fp16 `d`,
/// then 16 bytes of nibbles in the order of Q4_0.
final class Iq4NlCodec extends ArrayCodec {
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
    float[] weights = new float[32];
    byte[] codes = new byte[32];
    for (int c = 0; c < cols; c += 32, at += 18) {
      int o = from + c;
      if (importance == null) {
        Weights.fillSquares(x, o, weights, 32);
      } else {
        float square = Weights.squares(x, o, 32) * (2f / 32);
        Weights.fill(x, o, importance, importanceFrom + c, square, weights, 0, 32);
      }
      float d = NonLinearFit.fit(x, o, weights);
      NonLinearFit.codes(x, o, d != 0 ? 1 / d : 0, codes, 0);
      Bytes.putHalf(out, at, d);
      Nibbles.put(codes, 0, out, at + 2);
    }
  }
}
