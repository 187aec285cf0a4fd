package io.metalmarlin.quant.verify.check;

import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.Subject;

/// The tensors of every packed module fit together: all there, of the types and shapes of their
/// layout, neither padded nor swizzled.
public final class PlanesFit implements Check {
  @Override
  public String code() {
    return "layout";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    subject.packed().faults().forEach(findings::error);
  }
}
