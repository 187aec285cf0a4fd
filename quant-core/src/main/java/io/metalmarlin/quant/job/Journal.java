package io.metalmarlin.quant.job;

import io.metalmarlin.formats.container.OutputFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.json.JsonMapper;

/// What an unfinished job has durably done: one JSON line per finished stage, each forced to disk
/// after the data it speaks of. A torn last line (power loss) is cut off when the journal is
/// opened.
///
/// @param <R> what is recorded about each piece of a stage
public final class Journal<R> implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();

  /// One finished stage.
  ///
  /// @param stage 0-based block or batch, or [#COPIED]
  public record Entry<R>(int stage, List<R> reports) {}

  /// The stage in which kept tensors are copied.
  public static final int COPIED = -1;

  private final Path file;
  private final FileChannel channel;
  private final JavaType entryType;
  private final List<Entry<R>> entries = new ArrayList<>();

  private Journal(Path file, FileChannel channel, Class<R> report) {
    this.file = file;
    this.channel = channel;
    this.entryType = JSON.getTypeFactory().constructParametricType(Entry.class, report);
  }

  /// Opens or creates a journal.
  ///
  /// @param report the record type of its reports
  public static <R> Journal<R> open(Path file, Class<R> report) {
    try {
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      Journal<R> journal = new Journal<>(file, channel, report);
      journal.load();
      return journal;
    } catch (IOException e) {
      throw OutputFailure.of(file, e);
    }
  }

  private void load() throws IOException {
    String text = Files.readString(file);
    int good = 0;
    for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', good)) {
      try {
        entries.add(JSON.<Entry<R>>readValue(text.substring(good, end), entryType));
      } catch (JacksonException torn) {
        break;
      }
      good = end + 1;
    }
    channel.truncate(text.substring(0, good).getBytes(StandardCharsets.UTF_8).length);
    channel.position(channel.size());
  }

  /// Finished stages in order.
  public List<Entry<R>> entries() {
    return List.copyOf(entries);
  }

  /// Whether the stage of copying is finished.
  public boolean copied() {
    return entries.stream().anyMatch(e -> e.stage() == COPIED);
  }

  /// How many blocks or batches are finished.
  public int stages() {
    return (int) entries.stream().filter(e -> e.stage() != COPIED).count();
  }

  /// Records a stage; returns when it is on disk.
  ///
  /// @throws MarlinException `DISK_FULL` or `OUTPUT_UNWRITABLE`
  public void append(Entry<R> entry) {
    try {
      ByteBuffer line = StandardCharsets.UTF_8.encode(JSON.writeValueAsString(entry) + "\n");
      while (line.hasRemaining()) {
        channel.write(line);
      }
      channel.force(true);
      entries.add(entry);
    } catch (IOException e) {
      throw OutputFailure.of(file, e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw OutputFailure.of(file, e);
    }
  }
}
