package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import org.jspecify.annotations.Nullable;

/// Q2_K: 16 groups of 16 weights `q * (d * scale) - dmin * min`. 16 bytes with a group's 4-bit
/// scale (low) and min, 64 bytes of codes (see [Planes]), fp16 `d` and `dmin`.
final class Q2KCodec extends ArrayCodec {
  Q2KCodec() {
    super(DType.Q2_K);
  }

  @Override
  void decodeBlock(byte[] b, int o, float[] y, int at) {
    float d = Bytes.half(b, o + 80);
    float dmin = Bytes.half(b, o + 82);
    for (int g = 0; g < 16; g++) {
      int sc = b[o + g];
      float scale = d * (sc & 15);
      float min = dmin * (sc >> 4 & 15);
      int codes = o + 16 + 32 * (g / 8) + 16 * (g & 1);
      int shift = g & 6;
      for (int l = 0; l < 16; l++) {
        y[at + 16 * g + l] = scale * (b[codes + l] >> shift & 3) - min;
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
    new Q2KEncoder().encode(x, from, cols, importance, importanceFrom, out, at);
  }
}
