package io.metalmarlin.quant.verify.check;

import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.formats.scheme.nvfp4.ZeroScales;
import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.Subject;

/// No module of NVFP4 without a tensor scale lost groups because their weights were too small for
/// it, see [ZeroScales].
public final class UnderflowedGroups implements Check {
  @Override
  public String code() {
    return "underflow";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    for (PackedModule m : subject.modules().values()) {
      if (m.packing().scheme().equals(Nvfp4Scheme.SINGLE_LEVEL)
          && subject.matrix(m).orElse(null) instanceof QuantizedMatrix q) {
        ZeroScales.of(q)
            .ifPresent(z ->
                findings.warning(
                    m.stem(),
                    "%,d of %,d groups have scale 0: their weights were zero, or too small for one"
                            .formatted(z.count(), z.all())
                        + " level of scales",
                    "Compare with --against; a format with a tensor scale holds such weights."));
      }
    }
  }
}
