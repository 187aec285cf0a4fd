package io.metalmarlin.quant.calibrate;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// The hidden states of all calibration tokens between two blocks, `[tokens, hidden]` fp32 in a file.
///
/// A file read and written by position, not a mapping: resident memory stays that of one micro-batch
/// however many tokens there are. The file is scratch; after an interruption it is computed anew.
public final class HiddenStream implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;
  private final long rowBytes;

  public HiddenStream(Path file, int hidden) {
    this.file = file;
    this.rowBytes = 4L * hidden;
    try {
      this.channel =
          FileChannel.open(
              file,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  /// Reads rows starting at `row` until `target` is full.
  public void read(long row, MemorySegment target) {
    transfer(row, target, channel::read);
  }

  /// Writes rows starting at `row`.
  public void write(long row, MemorySegment rows) {
    transfer(row, rows, channel::write);
  }

  private interface Positional {
    int apply(ByteBuffer buffer, long position) throws IOException;
  }

  private void transfer(long row, MemorySegment segment, Positional operation) {
    ByteBuffer buffer = segment.asByteBuffer();
    long position = row * rowBytes;
    try {
      while (buffer.hasRemaining()) {
        int n = operation.apply(buffer, position + buffer.position());
        if (n < 0) {
          throw new IllegalStateException("hidden stream ends at byte " + (position + buffer.position()));
        }
      }
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  private MarlinException unwritable(IOException e) {
    boolean full = String.valueOf(e.getMessage()).contains("No space left");
    return new MarlinException(
        full ? ErrorCode.DISK_FULL : ErrorCode.OUTPUT_UNWRITABLE,
        file.toString(),
        "the calibration activations cannot be kept: " + e.getMessage(),
        "Free disk space or choose another output folder with -o, then run the same command again.",
        e);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw unwritable(e);
    }
  }
}
