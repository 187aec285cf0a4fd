package io.metalmarlin.quant.verify.check;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.Subject;

/// The planes of every packed module make a matrix: its layout refuses what no reader can use, such
/// as a tensor scale of zero or an index of a group that is not there.
public final class ModulesDecode implements Check {
  @Override
  public String code() {
    return "decode";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    for (PackedModule m : subject.modules().values()) {
      try {
        m.matrix(subject.checkpoint());
      } catch (MarlinException e) {
        boolean named = e.where().contains(m.stem());
        findings.error(
            named ? e.where() : m.stem() + "." + e.where(),
            String.valueOf(e.getMessage()),
            e.hint());
      }
    }
  }
}
