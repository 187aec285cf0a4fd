package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import org.jspecify.annotations.Nullable;

/// Q5_K: 8 groups of 32 weights `q * (d * scale) - dmin * min`. fp16 `d` and `dmin`, 12 bytes of
/// 6-bit scales and mins (see [SixBitPairs]), 32 bytes of fifth bits (bit `g` of byte `l` for
/// weight `l` of group `g`), 128 bytes of nibbles as in Q4_K.
final class Q5KCodec extends ArrayCodec {
  Q5KCodec() {
    super(DType.Q5_K);
  }

  @Override
  void decodeBlock(byte[] b, int o, float[] y, int at) {
    float d = Bytes.half(b, o);
    float dmin = Bytes.half(b, o + 2);
    for (int g = 0; g < 8; g++) {
      float scale = d * SixBitPairs.scale(b, o + 4, g);
      float min = dmin * SixBitPairs.min(b, o + 4, g);
      int codes = o + 48 + 32 * (g / 2);
      int shift = 4 * (g & 1);
      for (int l = 0; l < 32; l++) {
        int q = b[codes + l] >> shift & 15 | (b[o + 16 + l] >> g & 1) << 4;
        y[at + 32 * g + l] = scale * q - min;
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
    new Q45KEncoder(5).encode(x, from, cols, importance, importanceFrom, out, at);
  }
}
