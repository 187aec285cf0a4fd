package io.metalmarlin.formats.scheme.blocks;

/// Moves eight codes at once between one byte each and column order, where the first code has the
/// lowest bits and no bit lies between two codes.
final class CodeOrder {
  private static final long LOW = 0x0f0f_0f0f_0f0f_0f0fL;

  /// Whether the processor gathers and scatters bits in one instruction; without one the library's
  /// own method is slower than shifts and masks.
  private static final boolean BIT_GATHER = "amd64".equals(System.getProperty("os.arch"));

  private CodeOrder() {}

  /// Eight nibbles, one in the low half of each byte.
  static long spread(int nibbles) {
    long x = nibbles & 0xffff_ffffL;
    return BIT_GATHER ? Long.expand(x, LOW) : spreadByShifts(x);
  }

  /// The low halves of eight bytes, side by side.
  static int gather(long bytes) {
    return BIT_GATHER ? (int) Long.compress(bytes, LOW) : gatherByShifts(bytes);
  }

  static long spreadByShifts(long nibbles) {
    long x = (nibbles | nibbles << 16) & 0x0000_ffff_0000_ffffL;
    x = (x | x << 8) & 0x00ff_00ff_00ff_00ffL;
    return (x | x << 4) & LOW;
  }

  static int gatherByShifts(long bytes) {
    long x = bytes & LOW;
    x = (x | x >>> 4) & 0x00ff_00ff_00ff_00ffL;
    x = (x | x >>> 8) & 0x0000_ffff_0000_ffffL;
    return (int) (x | x >>> 16);
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
