package io.metalmarlin.formats.scheme.ggml;

/// Two-bit codes of 256 weights in 64 bytes: each half of 128 weights takes 32 bytes, byte `l`
/// holding the weights `l`, `l + 32`, `l + 64` and `l + 96` of the half, the first in the lowest
/// bits.
final class Planes {
  private Planes() {}

  /// The code of weight `i` in the 64 bytes from `o` on.
  static int two(byte[] b, int o, int i) {
    return b[o + 32 * (i / 128) + i % 32] >> 2 * (i / 32 % 4) & 3;
  }

  /// Stores the lower two bits of `codes[co .. co + 256)`.
  static void putTwo(byte[] codes, int co, byte[] out, int at) {
    for (int half = 0; half < 2; half++) {
      int c = co + 128 * half;
      for (int l = 0; l < 32; l++, c++) {
        int low = codes[c] & 3 | (codes[c + 32] & 3) << 2;
        int high = codes[c + 64] & 3 | (codes[c + 96] & 3) << 2;
        out[at + 32 * half + l] = (byte) (low | high << 4);
      }
    }
  }
}
