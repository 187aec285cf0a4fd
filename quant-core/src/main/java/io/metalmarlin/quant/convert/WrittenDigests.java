package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.FileDigest;
import io.metalmarlin.quant.plan.SourceCheck;
import java.nio.file.Path;
import java.util.List;

/// The sha256 of the files of an output, found behind the writer while it goes on, so that little
/// is left to read when it ends.
final class WrittenDigests implements AutoCloseable {
  private final CheckpointWriter writer;
  private final Digests digests;
  private boolean complete;
  private boolean abandoned;

  /// @param threads at most so many files are read at a time
  WrittenDigests(CheckpointWriter writer, int threads) {
    this.writer = writer;
    this.digests = Digests.start(writer.files(), threads, this::follow);
  }

  private FileDigest follow(Path file) {
    FileDigest digest = FileDigest.of(file, at -> settled(file, at));
    // Read too early what was then written once more.
    return writer.settled(file) < 0 ? FileDigest.of(file) : digest;
  }

  private synchronized long settled(Path file, long at) {
    while (!complete && writer.settled(file) <= at) {
      if (abandoned) {
        throw new IllegalStateException("the output was given up");
      }
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }
    return complete ? Long.MAX_VALUE : writer.settled(file);
  }

  /// Says that more has been written.
  synchronized void advance() {
    notifyAll();
  }

  /// Says that all has been written.
  synchronized void complete() {
    complete = true;
    notifyAll();
  }

  /// Waits for them; in the order of the files.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `FILE_UNREADABLE`
  List<SourceCheck.SourceFile> join() {
    complete();
    return digests.join();
  }

  /// Ends those that wait for more.
  @Override
  public synchronized void close() {
    abandoned = true;
    notifyAll();
  }
}
