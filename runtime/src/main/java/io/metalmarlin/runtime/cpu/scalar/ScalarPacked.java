package io.metalmarlin.runtime.cpu.scalar;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.runtime.cpu.kernel.WeightKernel;
import io.metalmarlin.runtime.model.StoredMatrix;
import io.metalmarlin.runtime.model.StoredMatrix.Packed;
import java.lang.foreign.MemorySegment;

/// Packed weights of any scheme, straight from its definition: `effective(scale) * value(code)`.
public final class ScalarPacked implements WeightKernel {
  @Override
  public boolean accepts(StoredMatrix matrix) {
    return matrix instanceof Packed;
  }

  @Override
  public void decode(StoredMatrix matrix, int from, int to, MemorySegment out) {
    QuantizedMatrix m = ((Packed) matrix).matrix();
    long i = 0;
    for (int r = from; r < to; r++) {
      for (int c = 0; c < m.cols(); c++) {
        out.setAtIndex(JAVA_FLOAT_UNALIGNED, i++, value(m, r, c));
      }
    }
  }

  @Override
  public void prepare(StoredMatrix matrix, MemorySegment x, long xOffset, MemorySegment prepared) {
    MemorySegment.copy(x, xOffset, prepared, 0, 4L * matrix.cols());
  }

  @Override
  public void multiply(
      StoredMatrix matrix,
      int from,
      int to,
      MemorySegment prepared,
      MemorySegment out,
      long outOffset) {
    QuantizedMatrix m = ((Packed) matrix).matrix();
    for (int r = from; r < to; r++) {
      double sum = 0;
      for (int c = 0; c < m.cols(); c++) {
        sum += (double) value(m, r, c) * prepared.getAtIndex(JAVA_FLOAT_UNALIGNED, c);
      }
      out.set(JAVA_FLOAT_UNALIGNED, outOffset + 4L * r, (float) sum);
    }
  }

  /// The weight at (row, col) in fp32.
  public static float value(QuantizedMatrix m, int row, int col) {
    Scheme scheme = m.scheme();
    float scale = scheme.scaleValue(m.scaleCode(row, col / scheme.groupSize()));
    return m.tensorScale().effective(scale) * scheme.value(code(m, row, col));
  }

  private static int code(QuantizedMatrix m, int row, int col) {
    int width = m.scheme().codeBits();
    int code = 0;
    for (int b = 0; b < width; b++) {
      long bit = (long) col * width + b;
      int stored = m.codes().get(JAVA_BYTE, (long) row * m.codeStride() + bit / 8);
      code |= (stored >> (bit % 8) & 1) << b;
    }
    return code;
  }
}
