package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.FileDigest;
import io.metalmarlin.quant.plan.SourceCheck;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The sha256 of the files of an output, found behind the writer while it goes on, so that little
/// is left to read when it ends.
final class WrittenDigests implements AutoCloseable {
  private final CheckpointWriter writer;
  private final Cores cores;
  private final Digests<SourceCheck.SourceFile> digests;
  private final Map<Path, Long> summed = new ConcurrentHashMap<>();
  private boolean complete;
  private boolean abandoned;

  /// @param threads at most so many files are read at a time
  /// @param cores a place there is held while there is something to read
  WrittenDigests(CheckpointWriter writer, int threads, Cores cores) {
    this.writer = writer;
    this.cores = cores;
    this.digests = Digests.start(writer.files(), threads, cores, this::read);
  }

  private SourceCheck.SourceFile read(Path file) {
    return new SourceCheck.SourceFile(file, FileDigest.of(file, at -> settled(file, at)));
  }

  /// How much of each file is summed, from its first byte on.
  Map<Path, Long> summed() {
    return summed;
  }

  private long settled(Path file, long at) {
    summed.put(file, at);
    long end = writer.settled(file);
    if (end > at) {
      return end;
    }
    cores.give();
    try {
      return awaited(file, at);
    } finally {
      cores.take();
    }
  }

  private synchronized long awaited(Path file, long at) {
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

  /// Says so and waits for them; in the order of the files.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `FILE_UNREADABLE`
  List<SourceCheck.SourceFile> join() {
    complete();
    List<SourceCheck.SourceFile> found = new ArrayList<>(digests.join());
    List<Path> files = writer.files();
    for (int i = 0; i < files.size(); i++) {
      if (writer.settled(files.get(i)) < 0) {
        // Some of it was read too early and then written once more.
        found.set(i, SourceCheck.SourceFile.read(files.get(i)));
      }
    }
    return found;
  }

  /// Ends those that wait for more.
  @Override
  public synchronized void close() {
    abandoned = true;
    notifyAll();
  }
}
