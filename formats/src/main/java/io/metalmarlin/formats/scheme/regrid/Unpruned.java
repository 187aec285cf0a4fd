package io.metalmarlin.formats.scheme.regrid;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.Sparse24Matrix;
import io.metalmarlin.formats.scheme.Sparse24Scheme;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import java.lang.foreign.SegmentAllocator;
import java.util.Optional;

/// A 2:4 sparse matrix with its zeros written out, in a grid that has a code for zero: the kept
/// columns keep their codes and scales.
final class Unpruned {
  private Unpruned() {}

  /// The grid of the whole matrix. A group spans the columns that its kept ones came from; where
  /// groups have one size, two of them share a scale.
  ///
  /// @return empty for a grid whose zero depends on the group
  static Optional<GroupScheme> scheme(Sparse24Scheme sparse) {
    return switch (sparse.values()) {
      case IntScheme i when i.zero() == Zero.NONE -> {
        int whole = GroupScheme.WHOLE;
        int group = i.groupSize() == whole ? whole : 2 * i.groupSize();
        yield Optional.of(new IntScheme(i.bits(), group, i.scaleType(), Zero.NONE));
      }
      case Nvfp4Scheme n -> Optional.of(n);
      default -> Optional.empty();
    };
  }

  static Optional<QuantizedMatrix> matrix(Sparse24Matrix m, SegmentAllocator memory) {
    return scheme(m.scheme()).map(s -> matrix(m, s, memory));
  }

  private static QuantizedMatrix matrix(
      Sparse24Matrix m, GroupScheme scheme, SegmentAllocator memory) {
    QuantizedMatrix kept = m.values();
    int zero = scheme.nearest(0);
    QuantizedMatrix out =
        new QuantizedMatrix(
            scheme,
            m.rows(),
            m.cols(),
            memory
                .allocate(QuantizedMatrix.codeBytes(scheme, m.rows(), m.cols()), 8)
                .fill((byte) 0),
            memory.allocate(QuantizedMatrix.scaleBytes(scheme, m.rows(), m.cols()), 8),
            kept.tensorScale());
    for (int row = 0; row < m.rows(); row++) {
      for (int group = 0; group < out.groups(); group++) {
        int from = group * out.groupSize() / 2 / kept.groupSize();
        out.putGroup(row, group, kept.scaleCode(row, from), 0);
      }
      for (int quad = 0; quad < m.cols() / 4; quad++) {
        int pattern = m.pattern(row, quad);
        for (int i = 0; i < 4; i++) {
          int code =
              i == Sparse24Matrix.first(pattern)
                  ? kept.code(row, 2 * quad)
                  : i == Sparse24Matrix.second(pattern) ? kept.code(row, 2 * quad + 1) : zero;
          out.putCode(row, 4 * quad + i, code);
        }
      }
    }
    return out;
  }
}
