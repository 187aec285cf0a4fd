package io.metalmarlin.runtime.eval;

/// Told how far an evaluation is.
@FunctionalInterface
public interface EvalListener {
  EvalListener SILENT = (done, total) -> {};

  void windows(int done, int total);
}
