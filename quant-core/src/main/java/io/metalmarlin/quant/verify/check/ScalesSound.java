package io.metalmarlin.quant.verify.check;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.scheme.BlockMatrix;
import io.metalmarlin.formats.scheme.ColumnScaled;
import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.Sparse24Matrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.TrellisMatrix;
import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.Subject;
import java.util.Objects;

/// Every scale of every packed module is a finite number of the right sign, and none is zero where
/// its codes are not. The scales of ggml's blocks are judged by the numbers they make.
public final class ScalesSound implements Check {
  private static final String REMEDY =
      "Loaders multiply by it all the same; make the pack again from the source.";
  private static final int TILE = 1 << 18;

  @Override
  public String code() {
    return "scale";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    for (PackedModule m : subject.modules().values()) {
      subject.matrix(m).ifPresent(matrix -> look(m.stem(), matrix, findings));
    }
  }

  private static void look(String stem, PackedMatrix matrix, Findings findings) {
    switch (matrix) {
      case QuantizedMatrix m -> groups(stem, m, findings);
      case Sparse24Matrix m -> groups(stem, m.values(), findings);
      case TrellisMatrix m -> groups(stem, m.symbols(), findings);
      case ColumnScaled m -> {
        factors(stem, m.factors(), findings);
        look(stem, m.matrix(), findings);
      }
      case BlockMatrix m -> blocks(stem, m, findings);
    }
  }

  private static void groups(String stem, QuantizedMatrix m, Findings findings) {
    TensorScale second = m.tensorScale();
    boolean sound = Float.isFinite(second.value()) && second.value() > 0;
    if (second.kind() != TensorScale.Kind.NONE && !sound) {
      findings.error(
          stem, "its tensor scale is " + second.value() + ", expected a positive number", REMEDY);
      return;
    }
    Tally infinite = new Tally(m);
    Tally negative = new Tally(m);
    Tally dead = new Tally(m);
    ScaleType type = m.scheme().scaleType();
    boolean signed = !(m.scheme() instanceof FloatScheme) && type != ScaleType.E4M3;
    long count = m.scales().byteSize() / type.bytes();
    for (long i = 0; i < count; i++) {
      int code = type.code(m.scales(), i);
      float scale = second.effective(type.value(code));
      if (!Float.isFinite(scale) || !finiteBias(m, i)) {
        infinite.add(i, code);
      } else if (scale < 0 && !signed) {
        negative.add(i, code);
      } else if (scale == 0 && hasCodes(m, i)) {
        dead.add(i, code);
      }
    }
    infinite.report(stem, "not finite", findings);
    negative.report(stem, "negative", findings);
    dead.report(stem, "zero over codes that are not, so the group is lost", findings);
  }

  private static boolean finiteBias(QuantizedMatrix m, long place) {
    ScaleType type = m.scheme().scaleType();
    return m.scheme().zero() != GroupScheme.Zero.BIAS
        || Float.isFinite(type.value(type.code(Objects.requireNonNull(m.zeros()), place)));
  }

  /// Whether any code of the group stands for something else than zero. A group with a bias has its
  /// value without a scale.
  private static boolean hasCodes(QuantizedMatrix m, long place) {
    if (m.scheme().zero() == GroupScheme.Zero.BIAS || m.groupIndex() != null) {
      return false;
    }
    int firstRow = (int) (place / m.groups()) * m.groupRows();
    int group = (int) (place % m.groups());
    int lastRow = Math.min(m.rows(), firstRow + m.groupRows());
    int lastCol = Math.min(m.cols(), (group + 1) * m.groupSize());
    for (int row = firstRow; row < lastRow; row++) {
      int zero = m.scheme().zero() == GroupScheme.Zero.POINT ? m.zeroPoint(row, group) : 0;
      for (int col = group * m.groupSize(); col < lastCol; col++) {
        if (m.scheme().value(m.code(row, col)) - zero != 0) {
          return true;
        }
      }
    }
    return false;
  }

  private static void factors(String stem, float[] factors, Findings findings) {
    for (int c = 0; c < factors.length; c++) {
      if (!Float.isFinite(factors[c]) || factors[c] == 0) {
        findings.error(stem, "the factor of its input " + c + " is " + factors[c], REMEDY);
        return;
      }
    }
  }

  private static void blocks(String stem, BlockMatrix m, Findings findings) {
    int rows = Math.max(1, Math.min(m.rows(), TILE / m.cols()));
    float[] tile = new float[rows * m.cols()];
    for (int row = 0; row < m.rows(); row += rows) {
      int n = Math.min(rows, m.rows() - row);
      try {
        m.decode(row, row + n, tile);
      } catch (MarlinException e) {
        findings.error(e);
        return;
      }
      for (int i = 0; i < n * m.cols(); i++) {
        if (!Float.isFinite(tile[i])) {
          findings.error(
              stem,
              "row %d, column %d is %s: a scale in its %s block is not finite"
                  .formatted(row + i / m.cols(), i % m.cols(), tile[i], m.type()),
              REMEDY);
          return;
        }
      }
    }
  }

  /// Counts groups and remembers the first.
  private static final class Tally {
    private final QuantizedMatrix matrix;
    private long count;
    private long first = -1;
    private int code;

    Tally(QuantizedMatrix matrix) {
      this.matrix = matrix;
    }

    void add(long place, int scaleCode) {
      if (count++ == 0) {
        first = place;
        code = scaleCode;
      }
    }

    void report(String stem, String what, Findings findings) {
      if (count > 0) {
        long all = matrix.scales().byteSize() / matrix.scheme().scaleType().bytes();
        findings.error(
            stem,
            "%,d of %,d scales %s %s (first: row %d, group %d, code 0x%02x)"
                .formatted(
                    count,
                    all,
                    count == 1 ? "is" : "are",
                    what,
                    first / matrix.groups() * matrix.groupRows(),
                    first % matrix.groups(),
                    code),
            REMEDY);
      }
    }
  }
}
