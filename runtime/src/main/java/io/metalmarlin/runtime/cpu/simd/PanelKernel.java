package io.metalmarlin.runtime.cpu.simd;

import static io.metalmarlin.runtime.cpu.simd.Lanes.I;
import static io.metalmarlin.runtime.cpu.simd.Lanes.L;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import io.metalmarlin.runtime.cpu.kernel.MatrixKernel;
import io.metalmarlin.runtime.cpu.kernel.WeightKernel;
import io.metalmarlin.runtime.model.StoredMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Objects;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// Products of one matrix of 4-bit codes with inputs that [Int8Inputs] rounded: 16-bit lanes
/// multiply a code and an input and add up to 16 of them, which cannot overflow. Decoding does not
/// round.
abstract class PanelKernel implements MatrixKernel {
  /// Twice as many 16-bit lanes as there are fp32 lanes.
  static final VectorSpecies<Short> S =
      VectorSpecies.of(short.class, VectorShape.forBitSize(I.vectorBitSize()));

  // For panels of which only some rows are asked for.
  private static final ThreadLocal<MemorySegment> PART =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(4L * L, 64));

  private final StoredMatrix matrix;
  private final WeightKernel exact;
  private final Int8Inputs inputs;
  private final Panels panels;

  /// @param exact decodes the same matrix
  /// @param inputs in the order of the codes
  PanelKernel(StoredMatrix matrix, WeightKernel exact, Int8Inputs inputs, Panels panels) {
    this.matrix = matrix;
    this.exact = exact;
    this.inputs = inputs;
    this.panels = panels;
  }

  @Override
  public final void decode(StoredMatrix m, int from, int to, MemorySegment out) {
    exact.decode(m, from, to, out);
  }

  @Override
  public final void prepare(StoredMatrix m, MemorySegment x, long xOffset, MemorySegment prepared) {
    inputs.prepare(x, xOffset, m.cols(), prepared);
  }

  @Override
  public final void multiply(
      StoredMatrix m, int from, int to, MemorySegment prepared, MemorySegment out, long outOffset) {
    Objects.checkFromToIndex(from, to, matrix.rows());
    int blocks = matrix.cols() / Int8Inputs.COLUMNS;
    long x = Lanes.address(prepared.asSlice(0, (long) blocks * Int8Inputs.BYTES));
    long y = Lanes.address(out.asSlice(outOffset + 4L * from, 4L * (to - from))) - 4L * from;
    MemorySegment part = PART.get();
    for (int p = from / L; p * L < to; p++) {
      if (p * L >= from && (p + 1) * L <= to) {
        product(panels.address(p), blocks, x, y + 4L * p * L);
      } else {
        product(panels.address(p), blocks, x, Lanes.address(part));
        int first = Math.max(from, p * L);
        long bytes = 4L * (Math.min(to, (p + 1) * L) - first);
        MemorySegment.copy(part, 4L * (first - p * L), out, outOffset + 4L * first, bytes);
      }
    }
    Reference.reachabilityFence(this);
    Reference.reachabilityFence(out);
    Reference.reachabilityFence(part);
    Reference.reachabilityFence(prepared);
  }

  /// Writes the products of the rows of the panel at an address: L floats.
  ///
  /// The method with the loop has to store them itself. Where a vector leaves a loop as an object,
  /// the compiler makes an object of it in every turn, which takes as long as all the rest.
  abstract void product(long panel, int blocks, long x, long to);

  /// An input pair in every 32 bits.
  static ShortVector pair(long address) {
    return IntVector.broadcast(I, Lanes.ALL.get(JAVA_INT_UNALIGNED, address)).reinterpretAsShorts();
  }

  static FloatVector factor(long address) {
    return FloatVector.broadcast(Lanes.F, Lanes.ALL.get(JAVA_FLOAT_UNALIGNED, address));
  }

  /// L words of L codes each.
  static ShortVector codes(long address) {
    return ShortVector.fromMemorySegment(S, Lanes.ALL, address, Lanes.LE);
  }

  /// The sum of the two 16-bit numbers in every 32 bits.
  static IntVector both(ShortVector halves) {
    IntVector both = halves.reinterpretAsInts();
    IntVector low = both.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16);
    return low.add(both.lanewise(VectorOperators.ASHR, 16));
  }

  static FloatVector sums(ShortVector halves) {
    return floats(both(halves));
  }

  static FloatVector floats(IntVector whole) {
    return (FloatVector) whole.convert(VectorOperators.I2F, 0);
  }
}
