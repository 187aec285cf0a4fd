package io.metalmarlin.quant.verify;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.metalmarlin.formats.scheme.BlockMatrix;
import io.metalmarlin.formats.scheme.ColumnScaled;
import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.Sparse24Matrix;
import io.metalmarlin.formats.scheme.TrellisMatrix;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Codes that stand for nothing: a decoder would leave its tables, or make a NaN.
public final class Undecodable {
  private Undecodable() {}

  /// Why a matrix cannot be decoded, if so.
  public static Optional<String> reason(PackedMatrix matrix) {
    return switch (matrix) {
      case QuantizedMatrix m -> groupIndex(m).or(() -> notANumber(m));
      case Sparse24Matrix m -> patterns(m).or(() -> reason(m.values()));
      case TrellisMatrix m -> reason(m.symbols());
      case ColumnScaled m -> reason(m.matrix());
      case BlockMatrix m -> Optional.empty();
    };
  }

  private static Optional<String> groupIndex(QuantizedMatrix m) {
    if (m.groupIndex() == null) {
      return Optional.empty();
    }
    for (int col = 0; col < m.cols(); col++) {
      int group = m.group(col);
      if (group < 0 || group >= m.groups()) {
        return Optional.of(
            "the group index of column %d is %d, there are %d groups"
                .formatted(col, group, m.groups()));
      }
    }
    return Optional.empty();
  }

  private static Optional<String> notANumber(QuantizedMatrix m) {
    if (!(m.scheme() instanceof FloatScheme f) || f.element() != FloatScheme.Element.E4M3) {
      return Optional.empty();
    }
    MemorySegment codes = m.codes();
    for (long i = 0; i < codes.byteSize(); i++) {
      if ((codes.get(JAVA_BYTE, i) & 0x7f) == 0x7f) {
        return Optional.of(
            "row %d, column %d is the NaN of E4M3 (code 0x%02x)"
                .formatted(i / m.cols(), i % m.cols(), codes.get(JAVA_BYTE, i) & 0xff));
      }
    }
    return Optional.empty();
  }

  private static Optional<String> patterns(Sparse24Matrix m) {
    for (int row = 0; row < m.rows(); row++) {
      for (int quad = 0; quad < m.cols() / 4; quad++) {
        if (m.pattern(row, quad) > 5) {
          return Optional.of(
              "row %d, columns %d to %d have sparsity pattern %d, there are 0 to 5"
                  .formatted(row, 4 * quad, 4 * quad + 3, m.pattern(row, quad)));
        }
      }
    }
    return Optional.empty();
  }
}
