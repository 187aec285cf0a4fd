package io.metalmarlin.formats.scheme.ggml;

/// The scales and mins of Q4_K and Q5_K: eight pairs of 6-bit numbers in 12 bytes. Pairs 0 to 3
/// take the low six bits of bytes `g` and `g + 4`; the others put their low nibbles into byte `g +
/// 4` and their upper two bits on top of bytes `g - 4` and `g`.
final class SixBitPairs {
  private SixBitPairs() {}

  static int scale(byte[] b, int o, int g) {
    return g < 4 ? b[o + g] & 63 : b[o + g + 4] & 15 | (b[o + g - 4] >> 6 & 3) << 4;
  }

  static int min(byte[] b, int o, int g) {
    return g < 4 ? b[o + g + 4] & 63 : b[o + g + 4] >> 4 & 15 | (b[o + g] >> 6 & 3) << 4;
  }

  /// Stores the pairs in rising order of `g`. Numbers are bytes; what exceeds six bits spoils its
  /// neighbour as it does in ggml.
  static void put(byte[] b, int o, int g, int scale, int min) {
    if (g < 4) {
      b[o + g] = (byte) scale;
      b[o + g + 4] = (byte) min;
    } else {
      b[o + g + 4] = (byte) (scale & 15 | (min & 15) << 4);
      b[o + g - 4] |= (byte) (scale >> 4 << 6);
      b[o + g] |= (byte) (min >> 4 << 6);
    }
  }
}
