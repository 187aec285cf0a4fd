package io.metalmarlin.runtime.cpu.scalar;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.metalmarlin.runtime.cpu.kernel.WeightKernel;
import io.metalmarlin.runtime.model.StoredMatrix;
import io.metalmarlin.runtime.model.StoredMatrix.Dense;
import java.lang.foreign.MemorySegment;

/// Dense BF16, F16 and F32 weights, element by element.
public final class ScalarDense implements WeightKernel {
  @Override
  public boolean accepts(StoredMatrix matrix) {
    return matrix instanceof Dense d
        && switch (d.dtype()) {
          case BF16, F16, F32 -> true;
          default -> false;
        };
  }

  @Override
  public void decode(StoredMatrix matrix, int from, int to, MemorySegment out) {
    Dense d = (Dense) matrix;
    long first = (long) from * d.cols();
    long count = (long) (to - from) * d.cols();
    for (long i = 0; i < count; i++) {
      out.setAtIndex(JAVA_FLOAT_UNALIGNED, i, value(d, first + i));
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
    Dense d = (Dense) matrix;
    for (int r = from; r < to; r++) {
      double sum = 0;
      for (int c = 0; c < d.cols(); c++) {
        sum +=
            (double) value(d, (long) r * d.cols() + c)
                * prepared.getAtIndex(JAVA_FLOAT_UNALIGNED, c);
      }
      out.set(JAVA_FLOAT_UNALIGNED, outOffset + 4L * r, (float) sum);
    }
  }

  private static float value(Dense d, long i) {
    return switch (d.dtype()) {
      case BF16 -> Float.intBitsToFloat(d.bytes().getAtIndex(JAVA_SHORT_UNALIGNED, i) << 16);
      case F16 -> Float.float16ToFloat(d.bytes().getAtIndex(JAVA_SHORT_UNALIGNED, i));
      case F32 -> d.bytes().getAtIndex(JAVA_FLOAT_UNALIGNED, i);
      default -> throw new IllegalArgumentException(d.dtype() + " is no weight type");
    };
  }
}
