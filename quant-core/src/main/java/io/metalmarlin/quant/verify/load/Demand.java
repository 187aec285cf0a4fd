package io.metalmarlin.quant.verify.load;

import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.Subject;

/// One thing that a loader insists on before it takes a checkpoint of a family.
@FunctionalInterface
public interface Demand {
  /// Says what does not satisfy it.
  ///
  /// @param program name of the loader, for the reason
  void look(Subject subject, String program, Findings findings);
}
