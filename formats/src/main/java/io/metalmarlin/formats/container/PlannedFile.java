package io.metalmarlin.formats.container;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;

/// One output file, at its full size from the start: a hole in the file system where nothing has
/// been written yet. Safe for use by several threads on disjoint ranges.
final class PlannedFile implements AutoCloseable {
  /// Linux gives a larger write larger pages, which it first has to clear room for: 2 GiB take .4 s
  /// in pieces of this size, .7 to 1.4 s in pieces of 1 MiB and 4.6 s in pieces of 4 MiB.
  private static final int CHUNK = 256 << 10;

  private final Path path;
  private final FileChannel channel;
  private final AtomicBoolean dirty = new AtomicBoolean(true);
  private final WrittenRanges written = new WrittenRanges();

  private PlannedFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /// Opens the file, keeping its data when it begins with `prefix`, else starting afresh.
  ///
  /// @param prefix the file's first bytes: its header
  /// @param size the whole file's size in bytes
  /// @throws io.metalmarlin.formats.MarlinException `DISK_FULL` or `OUTPUT_UNWRITABLE`
  static PlannedFile open(Path path, byte[] prefix, long size) {
    try {
      FileChannel channel =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      PlannedFile file = new PlannedFile(path, channel);
      try {
        file.prepare(prefix, size);
        file.written.add(0, prefix.length);
        return file;
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw OutputFailure.of(path, e);
    }
  }

  private void prepare(byte[] prefix, long size) throws IOException {
    if (channel.size() > size || !startsWith(prefix)) {
      if (channel.size() > 0) {
        channel.truncate(0);
      }
      // The header goes first: a file without it never counts as this layout.
      write(0, ByteBuffer.wrap(prefix));
    }
    if (channel.size() < size) {
      write(size - 1, ByteBuffer.allocate(1));
    }
  }

  private boolean startsWith(byte[] prefix) throws IOException {
    if (channel.size() < prefix.length) {
      return false;
    }
    ByteBuffer there = ByteBuffer.allocate(prefix.length);
    while (there.hasRemaining() && channel.read(there, there.position()) >= 0) {
      // positional reads may be short
    }
    return Arrays.equals(there.array(), prefix);
  }

  Path path() {
    return path;
  }

  /// Says that nothing will be written to these bytes, which are zero.
  void leaveBlank(long begin, long end) {
    written.add(begin, end);
  }

  /// As [CheckpointWriter#settled].
  long settled() {
    return written.settled();
  }

  /// Writes `bytes` at a byte of the file.
  void write(long position, MemorySegment bytes) {
    try {
      for (long at = 0; at < bytes.byteSize(); at += CHUNK) {
        MemorySegment chunk = bytes.asSlice(at, Math.min(CHUNK, bytes.byteSize() - at));
        write(position + at, buffer(chunk));
      }
      written.add(position, position + bytes.byteSize());
    } catch (IOException e) {
      throw OutputFailure.of(path, e);
    } finally {
      // After the bytes: a sync on another thread may have begun before the last of them.
      dirty.set(true);
    }
  }

  private void write(long position, ByteBuffer buffer) throws IOException {
    long at = position;
    while (buffer.hasRemaining()) {
      at += channel.write(buffer, at);
    }
  }

  /// A view where the segment allows one; arrays other than byte[] have none.
  private static ByteBuffer buffer(MemorySegment chunk) {
    boolean viewable = chunk.heapBase().map(b -> b instanceof byte[]).orElse(chunk.isNative());
    return viewable
        ? chunk.asByteBuffer()
        : ByteBuffer.wrap(chunk.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
  }

  /// Forces to the disk what was written since the last call; may run beside writes, whose bytes
  /// are then left to the next call.
  void sync() {
    if (dirty.getAndSet(false)) {
      try {
        channel.force(true);
      } catch (IOException e) {
        dirty.set(true);
        throw OutputFailure.of(path, e);
      }
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw OutputFailure.of(path, e);
    }
  }
}
