package io.metalmarlin.runtime.cpu.simd;

import static io.metalmarlin.runtime.cpu.simd.Lanes.L;

import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.runtime.cpu.kernel.WeightKernel;
import io.metalmarlin.runtime.model.StoredMatrix;
import io.metalmarlin.runtime.model.StoredMatrix.Dense;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// What the dense kernels share: input vectors are read in natural order.
abstract class DenseWeights implements WeightKernel {
  private final DType dtype;

  DenseWeights(DType dtype) {
    this.dtype = dtype;
  }

  @Override
  public final boolean accepts(StoredMatrix matrix) {
    return matrix instanceof Dense d && d.dtype() == dtype;
  }

  @Override
  public final void decode(StoredMatrix matrix, int from, int to, MemorySegment out) {
    Dense d = (Dense) matrix;
    int width = dtype.bits() / 8;
    long first = (long) from * d.cols() * width;
    long count = (long) (to - from) * d.cols();
    decode(d.bytes(), first, count, out);
  }

  @Override
  public final void multiply(
      StoredMatrix matrix,
      int from,
      int to,
      MemorySegment prepared,
      MemorySegment out,
      long outOffset) {
    Dense d = (Dense) matrix;
    long stride = (long) d.cols() * (dtype.bits() / 8);
    for (int r = from; r < to; r++) {
      float y = dot(d.bytes(), r * stride, prepared, d.cols());
      out.set(ValueLayout.JAVA_FLOAT_UNALIGNED, outOffset + 4L * r, y);
    }
  }

  /// Widens `count` elements from byte `offset` on.
  abstract void decode(MemorySegment stored, long offset, long count, MemorySegment out);

  /// Dot product of `cols` elements from byte `offset` on with `x`.
  abstract float dot(MemorySegment stored, long offset, MemorySegment x, int cols);

  /// The largest multiple of `step` vectors' elements that fits into `n`.
  static long whole(long n, int step) {
    return n - n % ((long) step * L);
  }
}
