package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import org.jspecify.annotations.Nullable;

/// Q6_K: 16 groups of 16 weights `(q - 32) * (d * scale)`. 128 bytes of low nibbles, 64 bytes of
/// the upper two bits (see [Planes]), 16 signed scales, fp16 `d`. A half of 128 weights keeps its
/// four runs of 32 in 64 bytes: the first two in the low, the last two in the high nibbles.
final class Q6KCodec extends ArrayCodec {
  Q6KCodec() {
    super(DType.Q6_K);
  }

  @Override
  void decodeBlock(byte[] b, int o, float[] y, int at) {
    float d = Bytes.half(b, o + 208);
    for (int g = 0; g < 16; g++) {
      float scale = d * b[o + 192 + g];
      int run = g / 2 & 3;
      int low = o + 64 * (g / 8) + 32 * (run & 1) + 16 * (g & 1);
      int high = o + 128 + 32 * (g / 8) + 16 * (g & 1);
      for (int l = 0; l < 16; l++) {
        int q = b[low + l] >> 4 * (run >> 1) & 15 | (b[high + l] >> 2 * run & 3) << 4;
        y[at + 16 * g + l] = scale * (q - 32);
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
    new Q6KEncoder().encode(x, from, cols, importance, importanceFrom, out, at);
  }

  /// Stores `codes[c .. c + 256)` in a block.
  static void putCodes(byte[] codes, int c, byte[] b, int o) {
    for (int half = 0; half < 2; half++) {
      for (int l = 0; l < 32; l++) {
        int first = codes[c + 128 * half + l];
        int second = codes[c + 128 * half + 32 + l];
        int third = codes[c + 128 * half + 64 + l];
        int fourth = codes[c + 128 * half + 96 + l];
        b[o + 64 * half + l] = (byte) (first & 15 | third << 4);
        b[o + 64 * half + 32 + l] = (byte) (second & 15 | fourth << 4);
        b[o + 128 + 32 * half + l] =
            (byte) (first >> 4 | second >> 4 << 2 | third >> 4 << 4 | fourth >> 4 << 6);
      }
    }
  }
}
