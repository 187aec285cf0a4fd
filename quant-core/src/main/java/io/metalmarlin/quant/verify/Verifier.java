package io.metalmarlin.quant.verify;

import io.metalmarlin.formats.MarlinException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Puts all checks to a subject.
public final class Verifier {
  private Verifier() {}

  /// What the checks of [Checks#ALL] find, in their order, each thing once: of two findings about
  /// the same thing with the same reason the first counts.
  public static List<Finding> findings(Subject subject) {
    List<Finding> all = new ArrayList<>();
    Set<String> said = new HashSet<>();
    for (Check check : Checks.ALL) {
      for (Finding f : look(check, subject)) {
        if (said.add(f.where() + "\n" + f.reason())) {
          all.add(f);
        }
      }
    }
    return List.copyOf(all);
  }

  private static List<Finding> look(Check check, Subject subject) {
    Findings findings = new Findings(check.code());
    try {
      check.look(subject, findings);
    } catch (MarlinException e) {
      // A key of the wrong kind, or a file that changed while it was read.
      findings.error(e);
    }
    return findings.all();
  }
}
