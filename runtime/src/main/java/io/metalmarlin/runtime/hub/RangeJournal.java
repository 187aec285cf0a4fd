package io.metalmarlin.runtime.hub;

import io.metalmarlin.formats.container.OutputFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/// Which ranges of a half-fetched file are on the disk: a line with what the file is, then a line
/// `BEGIN END` for each. A line cut short by a crash is not believed, nor is a journal of another
/// file.
final class RangeJournal {
  private final Path file;
  private final String head;
  private final Ranges done = new Ranges();

  private RangeJournal(Path file, String head) {
    this.file = file;
    this.head = head;
  }

  /// Reads the journal of `blob`; without one, or without its data, nothing is there.
  static RangeJournal open(Path file, HubFile blob, Path data) {
    RangeJournal journal =
        new RangeJournal(file, "marlin-ranges 1 " + blob.etag() + " " + blob.size());
    try {
      if (Files.exists(file) && Files.exists(data) && journal.read(blob.size())) {
        return journal;
      }
      journal.restart();
      return journal;
    } catch (IOException e) {
      throw OutputFailure.of(file, e);
    }
  }

  private boolean read(long size) throws IOException {
    String text = Files.readString(file);
    List<String> lines = text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    if (lines.isEmpty() || !lines.getFirst().equals(head)) {
      return false;
    }
    for (String line : lines.subList(1, lines.size())) {
      if (!line.matches("\\d{1,18} \\d{1,18}")) {
        return false;
      }
      long begin = Long.parseLong(line.substring(0, line.indexOf(' ')));
      long end = Long.parseLong(line.substring(line.indexOf(' ') + 1));
      if (end > size) {
        return false;
      }
      done.add(begin, end);
    }
    return true;
  }

  /// Forgets everything.
  void restart() throws IOException {
    done.clear();
    Files.createDirectories(file.getParent());
    Files.writeString(file, head + "\n");
  }

  /// The range is on the disk.
  synchronized void add(long begin, long end) throws IOException {
    if (begin < end) {
      done.add(begin, end);
      Files.writeString(file, begin + " " + end + "\n", StandardOpenOption.APPEND);
    }
  }

  synchronized List<Ranges.Range> missing(long size, long most) {
    return done.missing(size, most);
  }

  synchronized long bytes() {
    return done.bytes();
  }

  /// Bytes of `blob` that an earlier download left, without touching anything.
  static long bytesOf(CacheLayout layout, HubFile blob) {
    Path file = layout.ranges(blob.etag());
    if (!Files.exists(layout.incomplete(blob.etag()))) {
      return 0;
    }
    RangeJournal journal =
        new RangeJournal(file, "marlin-ranges 1 " + blob.etag() + " " + blob.size());
    try {
      return journal.read(blob.size()) ? journal.bytes() : 0;
    } catch (NoSuchFileException gone) {
      // Asked without the lock: another process may publish the file and delete this at any time.
      return 0;
    } catch (IOException e) {
      throw OutputFailure.of(file, e);
    }
  }
}
