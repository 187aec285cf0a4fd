package io.metalmarlin.quant.verify.check;

import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.Subject;

/// NVFP4 without a tensor scale cannot hold groups whose largest weight is below 0.0059 (6 *
/// 2^-10): their scale becomes zero. Names the modules that lost groups that way.
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
        long zero = 0;
        long all = q.scales().byteSize();
        for (long i = 0; i < all; i++) {
          if ((q.scheme().scaleType().code(q.scales(), i) & 0x7f) == 0) {
            zero++;
          }
        }
        if (zero > 0) {
          findings.warning(
              m.stem(),
              "%,d of %,d groups have scale 0: their weights were zero, or too small for one level"
                      .formatted(zero, all)
                  + " of scales",
              "Compare with --against; a format with a tensor scale holds such weights.");
        }
      }
    }
  }
}
