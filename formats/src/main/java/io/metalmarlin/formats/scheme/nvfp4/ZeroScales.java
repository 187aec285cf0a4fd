package io.metalmarlin.formats.scheme.nvfp4;

import io.metalmarlin.formats.scheme.QuantizedMatrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/// The groups of an NVFP4 matrix without a tensor scale whose scale is zero: one level of scales
/// cannot hold a group whose largest weight is below 0.0059 (6 * 2^-10).
///
/// @param count how many there are, at least one
/// @param all groups of the matrix
/// @param withCodes those of them whose codes are not all zero, so that weights were lost for sure
/// @param row of the first
/// @param group of the first
public record ZeroScales(long count, long all, long withCodes, int row, int group) {
  private static final ValueLayout.OfLong EIGHT = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final int MAGNITUDE = 0x7f;
  private static final long MAGNITUDES = 0x7f7f7f7f7f7f7f7fL;

  /// Empty where no scale is zero, and for every other grid.
  public static Optional<ZeroScales> of(QuantizedMatrix m) {
    if (!m.scheme().equals(Nvfp4Scheme.SINGLE_LEVEL)) {
      return Optional.empty();
    }
    long count = 0;
    long withCodes = 0;
    long first = -1;
    long all = (long) m.rows() * m.groups();
    for (long at = next(m.scales(), 0, all); at < all; at = next(m.scales(), at + 1, all)) {
      first = first < 0 ? at : first;
      count++;
      withCodes += hasCodes(m, (int) (at / m.groups()), (int) (at % m.groups())) ? 1 : 0;
    }
    return count == 0
        ? Optional.empty()
        : Optional.of(
            new ZeroScales(
                count, all, withCodes, (int) (first / m.groups()), (int) (first % m.groups())));
  }

  /// The first zero from `at` on, or `end`. Eight at a time: all scales of a checkpoint are looked
  /// at before it is converted.
  private static long next(MemorySegment scales, long at, long end) {
    long i = at;
    // Adding 127 to a magnitude that is not zero sets the sign of its byte, and never carries.
    while (i + 8 <= end && ((scales.get(EIGHT, i) & MAGNITUDES) + MAGNITUDES | MAGNITUDES) == -1L) {
      i += 8;
    }
    while (i < end && (scales.get(ValueLayout.JAVA_BYTE, i) & MAGNITUDE) != 0) {
      i++;
    }
    return i;
  }

  /// The two zeros of E2M1 are the codes 0 and 8.
  private static boolean hasCodes(QuantizedMatrix m, int row, int group) {
    for (int col = group * m.groupSize(); col < (group + 1) * m.groupSize(); col++) {
      if ((m.code(row, col) & 7) != 0) {
        return true;
      }
    }
    return false;
  }
}
