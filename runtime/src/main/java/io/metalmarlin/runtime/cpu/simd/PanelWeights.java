package io.metalmarlin.runtime.cpu.simd;

import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.runtime.cpu.kernel.MatrixKernel;
import io.metalmarlin.runtime.cpu.kernel.WeightKernel;
import io.metalmarlin.runtime.model.StoredMatrix;
import io.metalmarlin.runtime.model.StoredMatrix.Packed;
import java.lang.foreign.MemorySegment;

/// Opens matrices of 4-bit codes as panels; what was not opened is read exactly.
abstract class PanelWeights implements WeightKernel {
  @Override
  public final boolean accepts(StoredMatrix matrix) {
    return matrix instanceof Packed p
        && matrix.cols() % Int8Inputs.COLUMNS == 0
        && reads(p.matrix());
  }

  @Override
  public final MatrixKernel open(StoredMatrix matrix) {
    return panels(matrix, ((Packed) matrix).matrix());
  }

  abstract boolean reads(PackedMatrix matrix);

  abstract WeightKernel exact(PackedMatrix matrix);

  /// @param packed what `matrix` holds
  abstract PanelKernel panels(StoredMatrix matrix, PackedMatrix packed);

  private WeightKernel exact(StoredMatrix matrix) {
    return exact(((Packed) matrix).matrix());
  }

  @Override
  public final void decode(StoredMatrix matrix, int from, int to, MemorySegment out) {
    exact(matrix).decode(matrix, from, to, out);
  }

  @Override
  public final void prepare(
      StoredMatrix matrix, MemorySegment x, long xOffset, MemorySegment prepared) {
    exact(matrix).prepare(matrix, x, xOffset, prepared);
  }

  @Override
  public final void multiply(
      StoredMatrix matrix,
      int from,
      int to,
      MemorySegment prepared,
      MemorySegment out,
      long outOffset) {
    exact(matrix).multiply(matrix, from, to, prepared, out, outOffset);
  }
}
