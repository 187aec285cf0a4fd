package io.metalmarlin.runtime.cpu.simd;

import static io.metalmarlin.runtime.cpu.simd.Lanes.L;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.runtime.cpu.kernel.WeightKernel;
import io.metalmarlin.runtime.model.StoredMatrix;
import io.metalmarlin.runtime.model.StoredMatrix.Dense;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/// What the dense kernels share: input vectors are read in natural order, everything by address.
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
    long count = (long) (to - from) * d.cols();
    long at = Lanes.address(rows(d, from, to));
    decode(at, count, Lanes.address(out.asSlice(0, 4 * count)));
    Reference.reachabilityFence(d);
    Reference.reachabilityFence(out);
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
    long at = Lanes.address(rows(d, from, to));
    long x = Lanes.address(prepared.asSlice(0, 4L * d.cols()));
    long y = Lanes.address(out.asSlice(outOffset + 4L * from, 4L * (to - from)));
    for (int r = 0; r < to - from; r++) {
      Lanes.ALL.set(JAVA_FLOAT_UNALIGNED, y + 4L * r, dot(at + r * stride, x, d.cols()));
    }
    Reference.reachabilityFence(d);
    Reference.reachabilityFence(prepared);
    Reference.reachabilityFence(out);
  }

  private MemorySegment rows(Dense d, int from, int to) {
    long stride = (long) d.cols() * (dtype.bits() / 8);
    return d.bytes().asSlice(from * stride, (to - from) * stride);
  }

  /// Widens `count` elements from an address on to floats at another.
  abstract void decode(long stored, long count, long out);

  /// Dot product of the `cols` elements at an address with the floats at `x`.
  abstract float dot(long stored, long x, int cols);

  /// The largest multiple of `step` vectors' elements that fits into `n`.
  static long whole(long n, int step) {
    return n - n % ((long) step * L);
  }
}
