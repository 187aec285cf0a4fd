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
import tools.jackson.databind.json.JsonMapper;

/// What an unfinished job has durably done: one JSON line per finished stage, each forced to disk
/// after the data it speaks of. A torn last line (power loss) is cut off when the journal is
/// opened.
final class Journal implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();

  /// One finished stage.
  ///
  /// @param block 0-based block, or [#COPIED]
  record Entry(int block, List<LayerReport> layers) {}

  /// The stage in which kept tensors are copied.
  static final int COPIED = -1;

  private final Path file;
  private final FileChannel channel;
  private final List<Entry> entries = new ArrayList<>();

  private Journal(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  static Journal open(Path file) {
    try {
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      Journal journal = new Journal(file, channel);
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
        entries.add(JSON.readValue(text.substring(good, end), Entry.class));
      } catch (JacksonException torn) {
        break;
      }
      good = end + 1;
    }
    channel.truncate(text.substring(0, good).getBytes(StandardCharsets.UTF_8).length);
    channel.position(channel.size());
  }

  /// Finished stages in order.
  List<Entry> entries() {
    return List.copyOf(entries);
  }

  boolean copied() {
    return entries.stream().anyMatch(e -> e.block() == COPIED);
  }

  /// How many blocks are finished.
  int blocks() {
    return (int) entries.stream().filter(e -> e.block() != COPIED).count();
  }

  /// Records a stage; returns when it is on disk.
  void append(Entry entry) {
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
