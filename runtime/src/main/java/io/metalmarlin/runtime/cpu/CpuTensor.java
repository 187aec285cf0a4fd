package io.metalmarlin.runtime.cpu;

import io.metalmarlin.runtime.backend.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// fp32 values in native memory, row-major without gaps, 64-byte aligned.
public final class CpuTensor implements Tensor {
  private final int rows;
  private final int cols;
  private final MemorySegment data;
  // Null for a view, which owns nothing.
  private final @Nullable Arena arena;

  private CpuTensor(int rows, int cols, MemorySegment data, @Nullable Arena arena) {
    this.rows = rows;
    this.cols = cols;
    this.data = data;
    this.arena = arena;
  }

  static CpuTensor allocate(int rows, int cols) {
    Arena arena = Arena.ofShared();
    return new CpuTensor(rows, cols, arena.allocate(4L * rows * cols, 64), arena);
  }

  /// A tensor of the same shape over memory that somebody else owns.
  static CpuTensor over(MemorySegment memory, CpuTensor shape) {
    return new CpuTensor(shape.rows, shape.cols, memory.asSlice(0, shape.data.byteSize()), null);
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int cols() {
    return cols;
  }

  /// The values themselves, for host-side work such as collecting statistics; `rows * cols` floats.
  public MemorySegment data() {
    return data;
  }

  /// Byte offset of a row.
  long offset(int row) {
    return 4L * row * cols;
  }

  CpuTensor view(int from, int to) {
    if (from < 0 || to > rows || from > to) {
      throw new IllegalArgumentException("rows " + from + ".." + to + " of " + rows);
    }
    return new CpuTensor(
        to - from, cols, data.asSlice(offset(from), 4L * (to - from) * cols), null);
  }

  CpuTensor reshape(int newRows, int newCols) {
    if ((long) newRows * newCols != (long) rows * cols) {
      throw new IllegalArgumentException(this + " as " + newRows + "x" + newCols);
    }
    return new CpuTensor(newRows, newCols, data, null);
  }

  @Override
  public void close() {
    if (arena != null) {
      arena.close();
    }
  }

  @Override
  public String toString() {
    return "tensor " + rows + "x" + cols;
  }
}
