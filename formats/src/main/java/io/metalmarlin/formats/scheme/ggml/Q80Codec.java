package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import org.jspecify.annotations.Nullable;

/// Q8_0: 32 weights `q * d`. fp16 `d`, then 32 signed bytes. Importance changes nothing.
final class Q80Codec extends ArrayCodec {
  Q80Codec() {
    super(DType.Q8_0);
  }

  @Override
  void decodeBlock(byte[] b, int o, float[] y, int at) {
    float d = Bytes.half(b, o);
    for (int j = 0; j < 32; j++) {
      y[at + j] = b[o + 2 + j] * d;
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
    for (int c = 0; c < cols; c += 32, at += 34) {
      int o = from + c;
      float d = Extremes.absolute(x, o, 32) / 127;
      float id = d != 0 ? 1 / d : 0;
      Bytes.putHalf(out, at, d);
      for (int j = 0; j < 32; j++) {
        out[at + 2 + j] = (byte) Rounding.away(x[o + j] * id);
      }
    }
  }
}
