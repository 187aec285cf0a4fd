package io.metalmarlin.quant.verify.check;

import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.PackedModules;
import io.metalmarlin.quant.verify.Subject;
import java.util.EnumSet;
import java.util.Set;

/// What is no part of a packed module and is called `weight` or `bias` holds floating-point
/// numbers: codes without their scales would be read as numbers.
public final class DenseTypes implements Check {
  private static final Set<DType> FLOATING = EnumSet.of(DType.BF16, DType.F16, DType.F32);

  @Override
  public String code() {
    return "dtype";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    if (subject.dialect().isEmpty()) {
      return;
    }
    Set<String> planes = subject.planes();
    for (TensorInfo t : subject.checkpoint().tensors().values()) {
      boolean value = t.name().endsWith(".weight") || t.name().endsWith(".bias");
      boolean other =
          planes.contains(t.name())
              || subject.packed().faulty().contains(PackedModules.stem(t.name()));
      if (value && !other && !FLOATING.contains(t.dtype())) {
        findings.error(
            t.name(),
            "is " + t.dtype() + " and part of no packed module, expected BF16, F16 or F32",
            "Its scales are missing or misnamed; make the pack again.");
      }
    }
  }
}
