package io.metalmarlin.quant.verify.check;

import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.quant.plan.SourceCheck;
import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.Subject;
import java.util.Set;

/// No dense floating-point tensor, norms and calibrated input scales included, holds an infinity or
/// a NaN.
public final class DenseFinite implements Check {
  @Override
  public String code() {
    return "non-finite";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    Set<String> planes = subject.planes();
    for (TensorInfo t : subject.checkpoint().tensors().values()) {
      if (planes.contains(t.name())) {
        continue;
      }
      long bad = SourceCheck.firstNonFinite(t, subject.checkpoint().bytes(t.name()));
      if (bad >= 0) {
        findings.error(
            t.name(),
            "element %,d of %,d is infinite or not a number".formatted(bad, t.elements()),
            "The file is damaged or was made by a faulty tool; fetch or make it again.");
      }
    }
  }
}
