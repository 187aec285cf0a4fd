package io.metalmarlin.quant.calibrate;

import java.lang.foreign.MemorySegment;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/// Calibration matrices live in ND4J arrays; BLAS and LAPACK work on the same memory through
/// [io.metalmarlin.runtime.blas.OpenBlas], because ND4J 1.0.0-M2.1 passes a wrong K to syrk,
/// ignores trsm and rejects good matrices in its Cholesky.
///
/// An array must be closed by its owner: left to the garbage collector it outgrows the heap limit.
/// A segment must not be used after its array was closed.
public final class ArrayMemory {
  static {
    // JavaCPP would count mapped checkpoints as memory in use and refuse small allocations once the
    // process is larger than a multiple of the heap; the plan does the accounting here.
    for (String limit :
        new String[] {"org.bytedeco.javacpp.maxBytes", "org.bytedeco.javacpp.maxPhysicalBytes"}) {
      if (System.getProperty(limit) == null) {
        System.setProperty(limit, "0");
      }
    }
  }

  private ArrayMemory() {}

  /// A zeroed `[rows, cols]` array, row-major ("c" order), owned by the caller.
  ///
  /// @param type `FLOAT` or `DOUBLE`
  public static INDArray zeros(DataType type, int rows, int cols) {
    return Nd4j.create(type, new long[] {rows, cols}, 'c');
  }

  /// The memory of a whole row-major matrix.
  ///
  /// @throws IllegalArgumentException for views, other orders and other strides
  public static MemorySegment of(INDArray array) {
    long rows = array.size(0);
    long cols = array.size(1);
    boolean whole =
        array.rank() == 2
            && array.offset() == 0
            && array.ordering() == 'c'
            && array.stride(0) == cols
            && array.stride(1) == 1
            && array.data().length() == rows * cols;
    if (!whole) {
      throw new IllegalArgumentException(
          "not a whole row-major matrix: " + array.shapeInfoToString());
    }
    return MemorySegment.ofAddress(array.data().addressPointer().address())
        .reinterpret(rows * cols * array.dataType().width());
  }
}
