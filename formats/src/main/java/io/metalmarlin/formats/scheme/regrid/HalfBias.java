package io.metalmarlin.formats.scheme.regrid;

import io.metalmarlin.formats.scheme.ScaleType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Products of scales of 16 bits and the negative of a power of two, four at a time: the power is
/// added to the exponent, so that only normal numbers whose products are normal can be had.
/// [SymmetricAsBias] has the numbers as such, for all others and as the reference.
final class HalfBias {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final long ONES = 0x0001_0001_0001_0001L;
  private static final long SIGNS = 0x8000 * ONES;

  private HalfBias() {}

  /// Writes `-2^power * scale` for `n` scales from `first` on.
  ///
  /// @param type F16 or BF16
  /// @return whether it did; if not, what was written is worth nothing
  static boolean write(
      ScaleType type, int power, MemorySegment scales, MemorySegment biases, long first, int n) {
    if (n % 4 != 0) {
      return false;
    }
    int mantissa = type == ScaleType.F16 ? 10 : 7;
    // Added to a magnitude, these reach the sign where it is normal, and where its product is too
    // large or, twice as large, would be.
    long normal = (0x8000 - (1 << mantissa)) * ONES;
    int infinite = type == ScaleType.F16 ? 0x7c00 : 0x7f00;
    long large = (0x8000 - infinite + (power << mantissa)) * ONES;
    long more = ((long) power << mantissa) * ONES;
    long bad = 0;
    for (long at = 2 * first; at < 2 * (first + n); at += 8) {
      long four = scales.get(LONG, at);
      long magnitude = four & ~SIGNS;
      bad |= ~(magnitude + normal) | magnitude + large;
      biases.set(LONG, at, (four ^ SIGNS) + more);
    }
    return (bad & SIGNS) == 0;
  }
}
