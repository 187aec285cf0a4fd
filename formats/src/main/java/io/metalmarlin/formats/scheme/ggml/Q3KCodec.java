package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Q3_K: 16 groups of 16 weights `(q - 4) * (d * (scale - 32))`. 32 bytes of third bits (bit `i /
/// 32` of byte `i % 32`), 64 bytes of the lower two (see [Planes]), 12 bytes of 6-bit scales, fp16
/// `d`.
final class Q3KCodec extends ArrayCodec {
  Q3KCodec() {
    super(DType.Q3_K);
  }

  @Override
  void decodeBlock(byte[] b, int o, float[] y, int at) {
    float d = Bytes.half(b, o + 108);
    for (int g = 0; g < 16; g++) {
      float scale = d * (scale(b, o + 96, g) - 32);
      int codes = o + 32 + 32 * (g / 8) + 16 * (g & 1);
      int high = o + 16 * (g & 1);
      int shift = g & 6;
      for (int l = 0; l < 16; l++) {
        int third = b[high + l] >> g / 2 & 1;
        y[at + 16 * g + l] = scale * ((b[codes + l] >> shift & 3 | third << 2) - 4);
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
    new Q3KEncoder().encode(x, from, cols, importance, importanceFrom, out, at);
  }

  /// The 6-bit scale of group `g`: four bits in byte `g % 8`, two in byte `8 + g % 4`.
  static int scale(byte[] b, int o, int g) {
    int low = b[o + (g & 7)] >> 4 * (g / 8) & 15;
    int high = b[o + 8 + (g & 3)] >> 2 * (g / 4) & 3;
    return low | high << 4;
  }

  /// Stores `codes[c .. c + 256)` in a block.
  static void putCodes(byte[] codes, int c, byte[] b, int o) {
    Arrays.fill(b, o, o + 32, (byte) 0);
    for (int i = 0; i < 256; i++) {
      b[o + (i & 31)] |= (byte) (codes[c + i] >> 2 << i / 32);
    }
    Planes.putTwo(codes, c, b, o + 32);
  }

  /// Adds the scale of group `g` to 12 bytes that were zero at first.
  static void putScale(byte[] b, int o, int g, int scale) {
    b[o + (g & 7)] |= (byte) ((scale & 15) << 4 * (g / 8));
    b[o + 8 + (g & 3)] |= (byte) (scale >> 4 << 2 * (g / 4));
  }
}
