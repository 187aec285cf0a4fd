package io.metalmarlin.quant.job;

/// Told what a job does, on the job's own thread. Printing is the caller's business.
public interface JobListener {
  JobListener SILENT = new JobListener() {};

  /// A stage that is not a block begins: `copy`, `calibration text`, `proof`, `publish`.
  default void stage(String name) {}

  /// Work inside the current stage or block.
  ///
  /// @param done units of `total` finished
  default void progress(double done, double total) {}

  /// The job goes on after `finished` blocks of an earlier run.
  default void resumed(int finished, int blocks) {}

  /// @param block 0-based
  default void blockStarted(int block, int blocks) {}

  default void weightDone(LayerReport report) {}

  default void blockDone(int block, int blocks) {}

  /// Something the user should know.
  ///
  /// @param code stable warning code, for example `W101`
  default void warning(String code, String where, String message) {}
}
