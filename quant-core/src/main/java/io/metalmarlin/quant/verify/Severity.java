package io.metalmarlin.quant.verify;

import java.util.Locale;

/// How bad a finding is.
public enum Severity {
  /// The checkpoint does not load, or not as what it claims to be.
  ERROR,
  /// It loads; something is missing, odd or worse than it needs to be.
  WARNING;

  /// `error` or `warning`.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
