package io.metalmarlin.quant.verify.check;

import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.Subject;
import java.util.BitSet;

/// MLX before 0.32.1 on Metal computed the scale of an nvfp4 group over 32 elements instead of 16
/// (ml-explore/mlx#3934): both groups of each pair have one scale. Such packs decode as they should
/// and are worse than they need to be.
public final class MlxMetalScales implements Check {
  /// Fewer pairs than this prove nothing.
  private static final long ENOUGH = 64;

  @Override
  public String code() {
    return "mlx-metal-scale";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    for (PackedModule m : subject.modules().values()) {
      if (m.packing().scheme().equals(Nvfp4Scheme.SINGLE_LEVEL)
          && subject.matrix(m).orElse(null) instanceof QuantizedMatrix q
          && q.groups() % 2 == 0
          && pairsAgree(q)) {
        findings.warning(
            m.stem(),
            "all pairs of neighbouring groups have one scale: made by MLX before 0.32.1 on Metal,"
                + " whose nvfp4 scales spanned 32 elements instead of 16",
            "Quantize the source again with a newer MLX or with marlin.");
      }
    }
  }

  private static boolean pairsAgree(QuantizedMatrix m) {
    BitSet distinct = new BitSet(256);
    long pairs = 0;
    for (int row = 0; row < m.rows(); row++) {
      for (int group = 0; group < m.groups(); group += 2) {
        int code = m.scaleCode(row, group);
        if (code != m.scaleCode(row, group + 1)) {
          return false;
        }
        distinct.set(code);
        pairs++;
      }
    }
    // A matrix with one scale throughout agrees with itself.
    return pairs >= ENOUGH && distinct.cardinality() > 2;
  }
}
