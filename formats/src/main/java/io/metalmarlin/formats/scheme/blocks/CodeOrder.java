package io.metalmarlin.formats.scheme.blocks;

/// Moves eight codes at once between one byte each and column order, where the first code has the
/// lowest bits and no bit lies between two codes.
final class CodeOrder {
  private CodeOrder() {}

  /// Nibbles 0 to 7 as the low halves of eight bytes, nibbles 8 to 15 as their high ones. Shifts
  /// and masks, of which compilers make vectors.
  static long zip(long nibbles) {
    long x = nibbles;
    long t = (x ^ x >>> 16) & 0xffff_0000L;
    x ^= t ^ t << 16;
    t = (x ^ x >>> 8) & 0x0000_ff00_0000_ff00L;
    x ^= t ^ t << 8;
    t = (x ^ x >>> 4) & 0x00f0_00f0_00f0_00f0L;
    return x ^ t ^ t << 4;
  }

  /// The inverse of [#zip].
  static long unzip(long bytes) {
    long x = bytes;
    long t = (x ^ x >>> 4) & 0x00f0_00f0_00f0_00f0L;
    x ^= t ^ t << 4;
    t = (x ^ x >>> 8) & 0x0000_ff00_0000_ff00L;
    x ^= t ^ t << 8;
    t = (x ^ x >>> 16) & 0xffff_0000L;
    return x ^ t ^ t << 16;
  }

  /// Eight codes of five bits, one in each byte.
  static long spreadFive(long codes) {
    long x = codes & 0xf_ffffL | (codes & 0xff_fff0_0000L) << 12;
    x = x & 0x0000_03ff_0000_03ffL | (x & 0x000f_fc00_000f_fc00L) << 6;
    return x & 0x001f_001f_001f_001fL | (x & 0x03e0_03e0_03e0_03e0L) << 3;
  }

  /// The low five bits of eight bytes, side by side in 40 bits.
  static long gatherFive(long bytes) {
    long x = bytes & 0x001f_001f_001f_001fL | (bytes & 0x1f00_1f00_1f00_1f00L) >>> 3;
    x = x & 0x0000_03ff_0000_03ffL | (x & 0x03ff_0000_03ff_0000L) >>> 6;
    return x & 0xf_ffffL | x >>> 12 & 0xff_fff0_0000L;
  }

  /// Bit `i` of eight as bit 0 of byte `i`.
  static long spreadBits(int bits) {
    long each = (bits & 0xffL) * 0x0101_0101_0101_0101L & 0x8040_2010_0804_0201L;
    return each + 0x7f7f_7f7f_7f7f_7f7fL >>> 7 & 0x0101_0101_0101_0101L;
  }

  /// Bit 0 of byte `i` as bit `i` of eight.
  static int gatherBits(long bytes) {
    return (int) ((bytes & 0x0101_0101_0101_0101L) * 0x0102_0408_1020_4080L >>> 56);
  }
}
