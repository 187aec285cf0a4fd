package io.metalmarlin.runtime.cpu.simd;

import io.metalmarlin.runtime.cpu.kernel.WeightKernel;
import io.metalmarlin.runtime.model.StoredMatrix;
import java.lang.foreign.MemorySegment;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/// Finds matrices that have panels and opens them; reads nothing itself.
record PanelOpener(
    WeightKernel exact,
    Predicate<StoredMatrix> reads,
    BiFunction<StoredMatrix, WeightKernel, WeightKernel> opened)
    implements WeightKernel {
  @Override
  public boolean accepts(StoredMatrix matrix) {
    return matrix.cols() % Int8Inputs.COLUMNS == 0 && reads.test(matrix) && exact.accepts(matrix);
  }

  @Override
  public WeightKernel open(StoredMatrix matrix) {
    return opened.apply(matrix, exact.open(matrix));
  }

  @Override
  public void decode(StoredMatrix matrix, int from, int to, MemorySegment out) {
    exact.decode(matrix, from, to, out);
  }

  @Override
  public void prepare(StoredMatrix matrix, MemorySegment x, long xOffset, MemorySegment prepared) {
    throw new IllegalStateException("a matrix is opened before it is multiplied");
  }

  @Override
  public void multiply(
      StoredMatrix matrix,
      int from,
      int to,
      MemorySegment prepared,
      MemorySegment out,
      long outOffset) {
    throw new IllegalStateException("a matrix is opened before it is multiplied");
  }
}
