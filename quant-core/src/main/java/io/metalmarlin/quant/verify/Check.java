package io.metalmarlin.quant.verify;

/// One question put to a checkpoint. A class per check, a line each in [Checks#ALL].
public interface Check {
  /// Short and stable; what findings carry in brackets.
  String code();

  /// Looks at the subject. Never throws for what is wrong with it: that is a finding. A check that
  /// has nothing to look at (no configuration, no such target) finds nothing; what is missing is
  /// another check's finding.
  void look(Subject subject, Findings findings);
}
