package io.metalmarlin.quant.convert;

/// Told what a conversion does, on the job's own thread.
public interface ConvertListener {
  ConvertListener SILENT = new ConvertListener() {};

  /// The job goes on after `finished` batches of an earlier run.
  default void resumed(int finished, int batches) {}

  /// @param done source bytes that are converted, though perhaps not yet durably
  default void progress(long done, long total) {}

  /// One module or tensor is done.
  default void converted(TensorReport report) {}
}
