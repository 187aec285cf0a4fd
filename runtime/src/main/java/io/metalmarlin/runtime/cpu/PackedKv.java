package io.metalmarlin.runtime.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.cache.CacheFormat;
import io.metalmarlin.runtime.cache.CacheRows;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/// Rounded keys or values, `[heads, capacity]` rows, so that the history of a head lies in one
/// piece; and beside them the last few as they came.
///
/// Every position is rounded at once. A query reads the [CacheFormat#EXACT] positions that end with
/// its own unrounded and all before them rounded, whatever number of tokens came in one batch.
/// After some were forgotten, the positions before the cut count as old.
final class PackedKv implements KvStore {
  // Decoded rows that are read again at once: they stay in the processor's cache.
  private static final int TILE_VALUES = 8192;
  private static final int KEPT = CacheFormat.EXACT - 1;

  private final CacheFormat format;
  private final CpuKernels kernels;
  private final Workers workers;
  private final int capacity;
  private final int heads;
  private final int width;
  private final MemorySegment data;
  // The rows [keptFrom, keptTo).
  private final MemorySegment kept;
  private int keptFrom;
  private int keptTo;

  PackedKv(
      CacheFormat format,
      CpuKernels kernels,
      Workers workers,
      SegmentAllocator memory,
      int capacity,
      int heads,
      int width) {
    this.format = format;
    this.kernels = kernels;
    this.workers = workers;
    this.capacity = capacity;
    this.heads = heads;
    this.width = width;
    this.data = memory.allocate((long) heads * capacity * format.bytes(width), 64);
    this.kept = memory.allocate(KEPT * rowBytes(), 64);
  }

  CacheFormat format() {
    return format;
  }

  /// Unrounded rows, rotated where the format rotates.
  ///
  /// @param rows `[positions, heads * width]`
  /// @param from the first position
  record Recent(MemorySegment rows, int from) {}

  /// Takes the rows of `x` behind `past` positions.
  ///
  /// @param memory where the result is put
  /// @return the last rows before them and themselves
  Recent append(int past, CpuTensor x, Scratch memory) {
    int before = Math.clamp(past - keptFrom, 0, keptTo - keptFrom);
    int rows = before + x.rows();
    MemorySegment recent = memory.floats(rows * rowBytes() / 4);
    MemorySegment.copy(kept, 0, recent, 0, before * rowBytes());
    MemorySegment.copy(x.data(), 0, recent, before * rowBytes(), x.data().byteSize());
    RowPieces.run(
        workers,
        x.rows(),
        () -> new float[width],
        (values, r) -> round(recent, (before + r) * rowBytes(), past + r, values));
    int stay = Math.min(rows, KEPT);
    MemorySegment.copy(recent, (rows - stay) * rowBytes(), kept, 0, stay * rowBytes());
    keptTo = past + x.rows();
    keptFrom = keptTo - stay;
    return new Recent(recent, past - before);
  }

  private void round(MemorySegment rows, long row, int position, float[] values) {
    if (format.rotated()) {
      kernels.rows().hadamard(rows, row, heads * width, rotation(width));
    }
    for (int h = 0; h < heads; h++) {
      MemorySegment.copy(rows, JAVA_FLOAT, row + 4L * h * width, values, 0, width);
      CacheRows.encode(format, values, width, data, offset(h, position));
    }
  }

  /// The block of the transform of a head: the largest that it can have.
  static int rotation(int width) {
    return Integer.lowestOneBit(width);
  }

  /// Decodes rounded rows of a head.
  ///
  /// @param out `[count, width]`
  void decode(int head, int from, int count, MemorySegment out) {
    kernels.cache().decode(format, data, offset(head, from), count, width, out);
  }

  /// Rows that one should decode at once.
  int tile() {
    return Math.max(1, TILE_VALUES / width);
  }

  /// Bytes of an unrounded row of all heads.
  long rowBytes() {
    return 4L * heads * width;
  }

  private long offset(int head, int position) {
    return ((long) head * capacity + position) * format.bytes(width);
  }

  @Override
  public long positionBytes() {
    return (long) heads * format.bytes(width);
  }

  @Override
  public long bytes() {
    return data.byteSize() + kept.byteSize();
  }
}
