package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import org.jspecify.annotations.Nullable;

/// TQ2_0: 256 weights `(q - 1) * d`, `q` one of 0, 1, 2. 64 bytes of four codes (planes of 32, see
/// [Planes]), then fp16 `d`. Importance changes nothing.
final class Tq20Codec extends ArrayCodec {
  Tq20Codec() {
    super(DType.TQ2_0);
  }

  @Override
  void decodeBlock(byte[] b, int o, float[] y, int at) {
    float d = Bytes.half(b, o + 64);
    for (int i = 0; i < 256; i++) {
      y[at + i] = (Planes.two(b, o, i) - 1) * d;
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
    byte[] codes = new byte[256];
    for (int c = 0; c < cols; c += 256, at += 66) {
      float d = Extremes.absolute(x, from + c, 256);
      float id = d != 0 ? 1 / d : 0;
      for (int i = 0; i < 256; i++) {
        codes[i] = (byte) (Rounding.away(x[from + c + i] * id) + 1 & 3);
      }
      Planes.putTwo(codes, 0, out, at);
      Bytes.putHalf(out, at + 64, d);
    }
  }
}
