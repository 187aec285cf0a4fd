package io.metalmarlin.quant.verify;

import io.metalmarlin.formats.MarlinException;
import java.util.ArrayList;
import java.util.List;

/// Collects what one check finds. Not for several threads.
public final class Findings {
  private final String code;
  private final List<Finding> all = new ArrayList<>();

  /// @param code of the check that fills it
  public Findings(String code) {
    this.code = code;
  }

  public void error(String where, String reason, String remedy) {
    all.add(new Finding(Severity.ERROR, code, where, reason, remedy));
  }

  public void warning(String where, String reason, String remedy) {
    all.add(new Finding(Severity.WARNING, code, where, reason, remedy));
  }

  /// An error that opening or reading threw.
  public void error(MarlinException e) {
    error(e.where(), String.valueOf(e.getMessage()), e.hint());
  }

  /// In the order in which they were found.
  public List<Finding> all() {
    return List.copyOf(all);
  }
}
