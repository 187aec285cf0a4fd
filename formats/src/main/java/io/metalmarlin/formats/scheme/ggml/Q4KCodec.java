package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import org.jspecify.annotations.Nullable;

/// Q4_K: 8 groups of 32 weights `q * (d * scale) - dmin * min`. fp16 `d` and `dmin`, 12 bytes of
/// 6-bit scales and mins (see [SixBitPairs]), 128 bytes of nibbles: each 32 hold two groups, the
/// first in the low ones.
final class Q4KCodec extends ArrayCodec {
  Q4KCodec() {
    super(DType.Q4_K);
  }

  @Override
  void decodeBlock(byte[] b, int o, float[] y, int at) {
    float d = Bytes.half(b, o);
    float dmin = Bytes.half(b, o + 2);
    for (int g = 0; g < 8; g++) {
      float scale = d * SixBitPairs.scale(b, o + 4, g);
      float min = dmin * SixBitPairs.min(b, o + 4, g);
      int codes = o + 16 + 32 * (g / 2);
      int shift = 4 * (g & 1);
      for (int l = 0; l < 32; l++) {
        y[at + 32 * g + l] = scale * (b[codes + l] >> shift & 15) - min;
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
    new Q45KEncoder(4).encode(x, from, cols, importance, importanceFrom, out, at);
  }
}
