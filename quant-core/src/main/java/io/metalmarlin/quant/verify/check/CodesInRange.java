package io.metalmarlin.quant.verify.check;

import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.Subject;
import io.metalmarlin.quant.verify.Undecodable;

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
            Undecodable.reason(matrix)
                .ifPresent(reason -> findings.error(m.stem(), reason, REMEDY));
            if (matrix instanceof QuantizedMatrix q) {
              zeroPoints(m.stem(), q, findings);
            }
          });
    }
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
