package io.metalmarlin.formats.scheme.regrid;

import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Grids that differ in one property, and matrices that differ in their scales.
final class Grids {
  private Grids() {}

  /// The grid with another kind of zero; empty for one that has no such relatives.
  static Optional<GroupScheme> with(GroupScheme s, Zero zero) {
    return s instanceof IntScheme i
        ? Optional.of(new IntScheme(i.bits(), i.groupSize(), i.scaleType(), zero))
        : Optional.empty();
  }

  /// The grid with another scale type; empty for one whose scale type is part of what it is.
  static Optional<GroupScheme> with(GroupScheme s, ScaleType type) {
    return switch (s) {
      case IntScheme i -> Optional.of(new IntScheme(i.bits(), i.groupSize(), type, i.zero()));
      case FloatScheme f ->
          Optional.of(new FloatScheme(f.element(), f.groupRows(), f.groupSize(), type));
      default -> Optional.empty();
    };
  }

  /// The grid with groups of another shape; empty for one whose groups have one shape only.
  static Optional<GroupScheme> with(GroupScheme s, int rows, int cols) {
    return switch (s) {
      case IntScheme i when rows == 1 ->
          Optional.of(new IntScheme(i.bits(), cols, i.scaleType(), i.zero()));
      case FloatScheme f -> Optional.of(new FloatScheme(f.element(), rows, cols, f.scaleType()));
      default -> Optional.empty();
    };
  }

  /// The same codes in another grid, with memory of their own for scales and zeros.
  static QuantizedMatrix fresh(QuantizedMatrix m, GroupScheme next, SegmentAllocator memory) {
    long zeros = QuantizedMatrix.zeroBytes(next, m.rows(), m.cols());
    return of(
        m,
        next,
        memory.allocate(QuantizedMatrix.scaleBytes(next, m.rows(), m.cols()), 8),
        zeros == 0 ? null : memory.allocate(zeros, 8));
  }

  /// The same codes in another grid with these scales and zeros.
  static QuantizedMatrix of(
      QuantizedMatrix m, GroupScheme next, MemorySegment scales, @Nullable MemorySegment zeros) {
    return new QuantizedMatrix(
        next, m.rows(), m.cols(), m.codes(), scales, m.tensorScale(), zeros, m.groupIndex());
  }

  /// Scales of a matrix, one for each group.
  static long groupCount(QuantizedMatrix m) {
    return m.scales().byteSize() / m.scheme().scaleType().bytes();
  }

  /// Whether every code of a group stands for zero, so that its scale decides nothing.
  static boolean empty(QuantizedMatrix m, long group) {
    int top = (int) (group / m.groups()) * m.groupRows();
    int left = (int) (group % m.groups()) * m.groupSize();
    for (int row = top; row < Math.min(m.rows(), top + m.groupRows()); row++) {
      for (int col = left; col < Math.min(m.cols(), left + m.groupSize()); col++) {
        if (m.scheme().value(m.code(row, col)) != 0) {
          return false;
        }
      }
    }
    return true;
  }
}
