package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import org.jspecify.annotations.Nullable;

/// Q2_0: 64 weights `(q - 1) * d`. fp16 `d`, then 16 bytes of four 2-bit codes, lowest first.
/// Importance changes nothing.
final class Q20Codec extends ArrayCodec {
  Q20Codec() {
    super(DType.Q2_0);
  }

  @Override
  void decodeBlock(byte[] b, int o, float[] y, int at) {
    float d = Bytes.half(b, o);
    for (int j = 0; j < 64; j++) {
      y[at + j] = ((b[o + 2 + j / 4] >> 2 * (j & 3) & 3) - 1) * d;
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
    for (int c = 0; c < cols; c += 64, at += 18) {
      float d = Extremes.absolute(x, from + c, 64);
      float id = d > 0 ? 1 / d : 0;
      Bytes.putHalf(out, at, d);
      for (int k = 0; k < 16; k++) {
        int four = 0;
        for (int j = 0; j < 4; j++) {
          int q = Rounding.away(x[from + c + 4 * k + j] * id) + 1;
          four |= Math.clamp(q, 0, 3) << 2 * j;
        }
        out[at + 2 + k] = (byte) four;
      }
    }
  }
}
