package io.metalmarlin.runtime.cpu.scalar;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.runtime.cpu.kernel.WeightKernel;
import io.metalmarlin.runtime.model.StoredMatrix;
import io.metalmarlin.runtime.model.StoredMatrix.Packed;
import java.lang.foreign.MemorySegment;

/// Packed weights of any scheme, row by row through its own decoder.
public final class ScalarPacked implements WeightKernel {
  @Override
  public boolean accepts(StoredMatrix matrix) {
    return matrix instanceof Packed;
  }

  @Override
  public void decode(StoredMatrix matrix, int from, int to, MemorySegment out) {
    PackedMatrix m = ((Packed) matrix).matrix();
    float[] row = new float[m.cols()];
    for (int r = from; r < to; r++) {
      m.decode(r, r + 1, row);
      MemorySegment.copy(row, 0, out, JAVA_FLOAT_UNALIGNED, 4L * (r - from) * m.cols(), row.length);
    }
  }

  @Override
  public void multiply(
      StoredMatrix matrix,
      int from,
      int to,
      MemorySegment prepared,
      MemorySegment out,
      long outOffset) {
    PackedMatrix m = ((Packed) matrix).matrix();
    float[] row = new float[m.cols()];
    for (int r = from; r < to; r++) {
      m.decode(r, r + 1, row);
      double sum = 0;
      for (int c = 0; c < row.length; c++) {
        sum += (double) row[c] * prepared.getAtIndex(JAVA_FLOAT_UNALIGNED, c);
      }
      out.set(JAVA_FLOAT_UNALIGNED, outOffset + 4L * r, (float) sum);
    }
  }
}
