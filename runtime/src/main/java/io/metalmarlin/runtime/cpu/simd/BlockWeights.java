package io.metalmarlin.runtime.cpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.metalmarlin.formats.scheme.BlockMatrix;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.runtime.cpu.kernel.WeightKernel;
import io.metalmarlin.runtime.model.StoredMatrix;
import io.metalmarlin.runtime.model.StoredMatrix.Packed;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Objects;

/// What the kernels of ggml's plain blocks share: 32 columns behind one fp16 scale, read where they
/// lie; input vectors in natural order. A row is whole blocks, so nothing is left over.
abstract class BlockWeights implements WeightKernel {
  /// Columns of a block.
  static final int COLUMNS = 32;

  private final DType type;

  BlockWeights(DType type) {
    this.type = type;
  }

  @Override
  public final boolean accepts(StoredMatrix matrix) {
    return matrix instanceof Packed p && p.matrix() instanceof BlockMatrix m && m.type() == type;
  }

  @Override
  public final void decode(StoredMatrix matrix, int from, int to, MemorySegment out) {
    BlockMatrix m = rows(matrix, from, to);
    long blocks = Lanes.address(m.blocks());
    long first = Lanes.address(out.asSlice(0, 4L * (to - from) * m.cols()));
    for (int r = from; r < to; r++) {
      long row = first + 4L * (r - from) * m.cols();
      decode(blocks + r * m.stride(), m.cols() / COLUMNS, row);
    }
    Reference.reachabilityFence(m);
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
    BlockMatrix m = rows(matrix, from, to);
    long blocks = Lanes.address(m.blocks());
    long x = Lanes.address(prepared.asSlice(0, 4L * m.cols()));
    long y = Lanes.address(out.asSlice(outOffset + 4L * from, 4L * (to - from)));
    products(blocks + from * m.stride(), m.stride(), to - from, m.cols() / COLUMNS, x, y);
    Reference.reachabilityFence(m);
    Reference.reachabilityFence(prepared);
    Reference.reachabilityFence(out);
  }

  private static BlockMatrix rows(StoredMatrix matrix, int from, int to) {
    Objects.checkFromToIndex(from, to, matrix.rows());
    return (BlockMatrix) ((Packed) matrix).matrix();
  }

  /// Decodes `count` blocks at an address to floats at another.
  abstract void decode(long at, int count, long to);

  /// Writes the dot products of `rows` rows of `count` blocks with the floats at `x`; a row's is
  /// the same whichever are its neighbours.
  abstract void products(long blocks, long stride, int rows, int count, long x, long out);

  /// The scale of the block at an address.
  static float scale(long block) {
    return Float.float16ToFloat(Lanes.ALL.get(JAVA_SHORT_UNALIGNED, block));
  }
}
