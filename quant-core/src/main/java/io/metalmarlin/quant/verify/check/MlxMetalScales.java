package io.metalmarlin.quant.verify.check;

import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.mlx.MlxScaleBug;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.Subject;

/// No module has the sign of [MlxScaleBug]. Such packs decode as they should and are worse than
/// they need to be.
public final class MlxMetalScales implements Check {
  @Override
  public String code() {
    return "mlx-metal-scale";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    for (PackedModule m : subject.modules().values()) {
      if (m.packing().scheme().equals(Nvfp4Scheme.SINGLE_LEVEL)
          && subject.matrix(m).orElse(null) instanceof QuantizedMatrix q
          && MlxScaleBug.suspected(q)) {
        findings.warning(
            m.stem(),
            "all pairs of neighbouring groups have one scale: made by MLX before 0.32.1 on Metal,"
                + " whose nvfp4 scales spanned 32 elements instead of 16",
            "Quantize the source again with a newer MLX or with marlin.");
      }
    }
  }
}
