package io.metalmarlin.formats.scheme.nvfp4;

import io.metalmarlin.formats.scheme.QuantizedMatrix;
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
  private static final int MAGNITUDE = 0x7f;

  /// Empty where no scale is zero, and for every other grid.
  public static Optional<ZeroScales> of(QuantizedMatrix m) {
    if (!m.scheme().equals(Nvfp4Scheme.SINGLE_LEVEL)) {
      return Optional.empty();
    }
    long count = 0;
    long withCodes = 0;
    long first = -1;
    for (int row = 0; row < m.rows(); row++) {
      for (int group = 0; group < m.groups(); group++) {
        if ((m.scaleCode(row, group) & MAGNITUDE) == 0) {
          first = first < 0 ? (long) row * m.groups() + group : first;
          count++;
          withCodes += hasCodes(m, row, group) ? 1 : 0;
        }
      }
    }
    long all = (long) m.rows() * m.groups();
    return count == 0
        ? Optional.empty()
        : Optional.of(
            new ZeroScales(
                count, all, withCodes, (int) (first / m.groups()), (int) (first % m.groups())));
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
