package io.metalmarlin.runtime.cpu.simd;

import static io.metalmarlin.runtime.cpu.simd.CodeStream.CODES;
import static io.metalmarlin.runtime.cpu.simd.CodeStream.I;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.scheme.TrellisMatrix;
import io.metalmarlin.formats.scheme.TrellisScheme;
import io.metalmarlin.runtime.cpu.kernel.DirectSchemes;
import io.metalmarlin.runtime.cpu.kernel.WeightKernel;
import io.metalmarlin.runtime.model.StoredMatrix;
import io.metalmarlin.runtime.model.StoredMatrix.Packed;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Trellis codes. The states of all columns of a row follow from those of the row above by one
/// shift, and what a state is worth is computed, so that rows are read in their order and nothing
/// is looked up.
public final class TrellisWeights implements WeightKernel {
  private static final DecodedWeights ROWS = new DecodedWeights();

  @Override
  public boolean accepts(StoredMatrix matrix) {
    return matrix instanceof Packed p
        && p.matrix() instanceof TrellisMatrix t
        && t.symbols().groupIndex() == null
        && DirectSchemes.trellis(t.scheme());
  }

  @Override
  public void decode(StoredMatrix matrix, int from, int to, MemorySegment out) {
    ROWS.decode(matrix, from, to, out);
  }

  @Override
  public void multiply(
      StoredMatrix matrix,
      int from,
      int to,
      MemorySegment prepared,
      MemorySegment out,
      long outOffset) {
    TrellisMatrix m = (TrellisMatrix) ((Packed) matrix).matrix();
    TrellisRows rows = new TrellisRows(m);
    int group = m.symbols().groupSize();
    for (int r = from; r < to; r++) {
      rows.advance(r);
      int[] states = rows.states();
      float[] scales = rows.scales();
      float y = dot(states, group, prepared, scales) * TrellisScheme.UNIT;
      if (group % CODES != 0 || m.cols() % CODES != 0) {
        y += rest(states, group, prepared, scales);
      }
      out.set(JAVA_FLOAT_UNALIGNED, outOffset + 4L * r, y);
    }
  }

  private static float dot(int[] states, int group, MemorySegment x, float[] scales) {
    FloatVector total = FloatVector.zero(CodeStream.F);
    for (int g = 0; g < scales.length; g++) {
      int end = Math.min(states.length, (g + 1) * group);
      FloatVector sum = FloatVector.zero(CodeStream.F);
      for (int c = g * group; c <= end - CODES; c += CODES) {
        sum = units(IntVector.fromArray(I, states, c)).fma(CodeStream.inputs(x, c), sum);
      }
      total = sum.fma(FloatVector.broadcast(CodeStream.F, scales[g]), total);
    }
    return CodeStream.sum(total);
  }

  /// [TrellisScheme#value] in units of [TrellisScheme#UNIT].
  private static FloatVector units(IntVector states) {
    IntVector x = states.mul(TrellisScheme.STEP).add(TrellisScheme.START);
    x = x.lanewise(VectorOperators.XOR, x.lanewise(VectorOperators.LSHR, 15));
    x = x.mul(TrellisScheme.MIX);
    x = x.lanewise(VectorOperators.XOR, x.lanewise(VectorOperators.LSHR, 13));
    IntVector odd = x.lanewise(VectorOperators.LSHR, 8).and(0x00ff_00ff);
    IntVector pairs = x.and(0x00ff_00ff).add(odd);
    IntVector sums = pairs.add(pairs.lanewise(VectorOperators.LSHR, 16)).and(0xffff);
    return ((FloatVector) sums.convert(VectorOperators.I2F, 0)).sub(TrellisScheme.BYTES_MEAN);
  }

  /// The columns that fill no vector.
  private static float rest(int[] states, int group, MemorySegment x, float[] scales) {
    float sum = 0;
    for (int g = 0; g < scales.length; g++) {
      int end = Math.min(states.length, (g + 1) * group);
      for (int c = end - (end - g * group) % CODES; c < end; c++) {
        float w = TrellisScheme.value(states[c]) * scales[g];
        sum = Math.fma(w, x.get(JAVA_FLOAT_UNALIGNED, 4L * c), sum);
      }
    }
    return sum;
  }
}
