package io.metalmarlin.quant.verify.check;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.scheme.BlockMatrix;
import io.metalmarlin.formats.scheme.ColumnScaled;
import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.Sparse24Matrix;
import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.Subject;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Codes, zero points, group indices and sparsity patterns are numbers that mean something.
public final class CodesInRange implements Check {
  private static final String REMEDY =
      "The tensor is damaged or was made by a faulty tool; fetch or make it again.";

  @Override
  public String code() {
    return "code";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    for (PackedModule m : subject.modules().values()) {
      subject
          .matrix(m)
          .ifPresent(matrix -> {
            unreadable(matrix).ifPresent(reason -> findings.error(m.stem(), reason, REMEDY));
            if (matrix instanceof QuantizedMatrix q) {
              zeroPoints(m.stem(), q, findings);
            }
          });
    }
  }

  /// Why a matrix cannot be decoded, if so.
  static Optional<String> unreadable(PackedMatrix matrix) {
    return switch (matrix) {
      case QuantizedMatrix m -> groupIndex(m).or(() -> notANumber(m));
      case Sparse24Matrix m -> patterns(m).or(() -> unreadable(m.values()));
      case ColumnScaled m -> unreadable(m.matrix());
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

  /// Readers add the 1 that GPTQ takes off in different ways: some carry into the next zero point.
  private static void zeroPoints(String stem, QuantizedMatrix m, Findings findings) {
    if (m.scheme().zero() != GroupScheme.Zero.POINT) {
      return;
    }
    int most = (1 << m.scheme().codeBits()) - 1;
    for (int row = 0; row < m.rows(); row += m.groupRows()) {
      for (int group = 0; group < m.groups(); group++) {
        int zero = m.zeroPoint(row, group);
        if (zero > most) {
          findings.warning(
              stem,
              "the zero point of row %d, group %d is %d, beyond the %d-bit codes; readers differ in"
                      .formatted(row, group, zero, m.scheme().codeBits())
                  + " what they make of it",
              "Quantize with zero points inside the codes, or store them as gptq_v2.");
          return;
        }
      }
    }
  }
}
