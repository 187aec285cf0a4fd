package io.metalmarlin.quant.calibrate;

import io.metalmarlin.formats.container.OutputFailure;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Activations of all calibration tokens at one place of a block, `[tokens, cols]` fp32 in a file.
///
/// A file read and written by position, not a mapping: resident memory stays that of one
/// micro-batch however many tokens there are. The file is scratch; after an interruption it is
/// computed anew.
public final class TokenStream implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;
  private final long rowBytes;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment buffer;

  /// @param maxRows rows read at once at most
  public TokenStream(Path file, int cols, int maxRows) {
    this.file = file;
    this.rowBytes = 4L * cols;
    try {
      this.channel =
          FileChannel.open(
              file,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
    } catch (IOException e) {
      arena.close();
      throw OutputFailure.of(file, e);
    }
    this.buffer = arena.allocate(rowBytes * maxRows, 64);
  }

  /// Fills a tensor with the rows that start at `row`.
  public void read(long row, Tensor target, Backend backend) {
    MemorySegment rows = buffer.asSlice(0, rowBytes * target.rows());
    transfer(row, rows, channel::read);
    backend.write(target, rows);
  }

  /// Writes a tensor's rows, starting at `row`.
  public void write(long row, Tensor source, Backend backend) {
    transfer(row, backend.host(source), channel::write);
  }

  private interface Positional {
    int apply(ByteBuffer buffer, long position) throws IOException;
  }

  private void transfer(long row, MemorySegment segment, Positional operation) {
    ByteBuffer bytes = segment.asByteBuffer();
    long position = row * rowBytes;
    try {
      while (bytes.hasRemaining()) {
        int n = operation.apply(bytes, position + bytes.position());
        if (n < 0) {
          throw new IllegalStateException(file + " ends at byte " + (position + bytes.position()));
        }
      }
    } catch (IOException e) {
      throw OutputFailure.of(file, e);
    }
  }

  @Override
  public void close() {
    arena.close();
    try {
      channel.close();
    } catch (IOException e) {
      throw OutputFailure.of(file, e);
    }
  }
}
