package io.metalmarlin.quant.job;

import java.nio.file.Path;

/// The user asked a job to stop; what is finished is on disk and the same command goes on from
/// there.
public final class JobCancelledException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int finishedBlocks;
  private final transient Path partialFolder;

  public JobCancelledException(int finishedBlocks, Path partialFolder) {
    super("stopped after " + finishedBlocks + " finished blocks");
    this.finishedBlocks = finishedBlocks;
    this.partialFolder = partialFolder;
  }

  public int finishedBlocks() {
    return finishedBlocks;
  }

  /// Where the unfinished job lies.
  public Path partialFolder() {
    return partialFolder;
  }
}
