package io.metalmarlin.formats.scheme.ggml;

/// Codes of 32 weights as ggml's small blocks keep them: byte `j` holds weight `j` in its low and
/// weight `j + 16` in its high nibble.
final class Nibbles {
  private Nibbles() {}

  /// Stores `codes[o .. o + 32)`, of four bits, to 16 bytes.
  static void put(byte[] codes, int o, byte[] out, int at) {
    for (int j = 0; j < 16; j++) {
      out[at + j] = (byte) (codes[o + j] & 15 | codes[o + 16 + j] << 4);
    }
  }

  /// Stores `codes[o .. o + 32)`, of five bits: a word with the fifth bits, weight `j` in bit `j`,
  /// then the nibbles.
  static void putFive(byte[] codes, int o, byte[] out, int at) {
    int high = 0;
    for (int j = 0; j < 32; j++) {
      high |= (codes[o + j] >> 4 & 1) << j;
    }
    Bytes.putI32(out, at, high);
    put(codes, o, out, at + 4);
  }

  /// Stores 32 codes of four or five bits.
  ///
  /// @return the place behind them
  static int put(int bits, byte[] codes, byte[] out, int at) {
    if (bits == 4) {
      put(codes, 0, out, at);
      return at + 16;
    }
    putFive(codes, 0, out, at);
    return at + 20;
  }
}
