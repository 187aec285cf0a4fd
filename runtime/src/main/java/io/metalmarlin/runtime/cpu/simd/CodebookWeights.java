package io.metalmarlin.runtime.cpu.simd;

import static io.metalmarlin.runtime.cpu.simd.CodeStream.CODES;
import static io.metalmarlin.runtime.cpu.simd.CodeStream.I;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.codebook.CodebookScheme;
import io.metalmarlin.runtime.cpu.kernel.DirectSchemes;
import io.metalmarlin.runtime.cpu.kernel.WeightKernel;
import io.metalmarlin.runtime.model.StoredMatrix;
import io.metalmarlin.runtime.model.StoredMatrix.Packed;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// Codebooks of 4, 8 or 16 values. A book is symmetric and its codes ascend, so the highest bit of
/// a code is the sign and the others, or their complement, pick one of at most eight magnitudes.
public final class CodebookWeights implements WeightKernel {
  private static final DecodedWeights ROWS = new DecodedWeights();

  @Override
  public boolean accepts(StoredMatrix matrix) {
    return matrix instanceof Packed p
        && p.matrix() instanceof QuantizedMatrix m
        && m.groupIndex() == null
        && DirectSchemes.codebook(m.scheme());
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
    QuantizedMatrix m = (QuantizedMatrix) ((Packed) matrix).matrix();
    CodebookScheme scheme = (CodebookScheme) m.scheme();
    CodeStream codes = new CodeStream(m);
    int[] magnitudes = magnitudes(scheme);
    float[] scales = new float[m.groups()];
    for (int r = from; r < to; r++) {
      GroupRows.parameters(m, r, scales, scales);
      byte[] row = codes.row(r);
      float y = dot(row, scheme.bits(), m.cols(), m.groupSize(), prepared, scales, magnitudes);
      if (m.groupSize() % CODES != 0 || m.cols() % CODES != 0) {
        y += rest(row, scheme, m.cols(), m.groupSize(), prepared, scales);
      }
      out.set(JAVA_FLOAT_UNALIGNED, outOffset + 4L * r, y);
    }
  }

  /// The bits of the positive values, ascending, and zeros behind them.
  private static int[] magnitudes(CodebookScheme scheme) {
    int half = 1 << scheme.bits() - 1;
    int[] magnitudes = new int[8];
    for (int i = 0; i < half; i++) {
      magnitudes[i] = Float.floatToRawIntBits(scheme.value(half + i));
    }
    return magnitudes;
  }

  private static float dot(
      byte[] row,
      int bits,
      int cols,
      int group,
      MemorySegment x,
      float[] scales,
      int[] magnitudes) {
    FloatVector total = FloatVector.zero(CodeStream.F);
    for (int g = 0; g < scales.length; g++) {
      int end = Math.min(cols, (g + 1) * group);
      FloatVector sum = FloatVector.zero(CodeStream.F);
      for (int c = g * group; c <= end - CODES; c += CODES) {
        IntVector codes = CodeStream.codes(row, c, bits);
        sum = values(codes, bits, magnitudes).fma(CodeStream.inputs(x, c), sum);
      }
      total = sum.fma(FloatVector.broadcast(CodeStream.F, scales[g]), total);
    }
    return CodeStream.sum(total);
  }

  private static FloatVector values(IntVector codes, int bits, int[] magnitudes) {
    IntVector top = codes.lanewise(VectorOperators.LSHL, 32 - bits);
    IntVector turned = codes.lanewise(VectorOperators.XOR, top.lanewise(VectorOperators.ASHR, 31));
    IntVector index = turned.not().and((1 << bits - 1) - 1);
    IntVector magnitude = index.and(CODES - 1).selectFrom(IntVector.fromArray(I, magnitudes, 0));
    if (CODES < 8 && bits == 4) {
      IntVector others = index.and(CODES - 1).selectFrom(IntVector.fromArray(I, magnitudes, CODES));
      VectorMask<Integer> upper = index.compare(VectorOperators.GE, CODES);
      magnitude = magnitude.blend(others, upper);
    }
    return magnitude.or(top.not().and(Integer.MIN_VALUE)).reinterpretAsFloats();
  }

  /// The columns that fill no vector.
  private static float rest(
      byte[] row, CodebookScheme scheme, int cols, int group, MemorySegment x, float[] scales) {
    float sum = 0;
    for (int g = 0; g < scales.length; g++) {
      int end = Math.min(cols, (g + 1) * group);
      for (int c = end - (end - g * group) % CODES; c < end; c++) {
        float w = scheme.value(CodeStream.code(row, c, scheme.bits())) * scales[g];
        sum = Math.fma(w, x.get(JAVA_FLOAT_UNALIGNED, 4L * c), sum);
      }
    }
    return sum;
  }
}
