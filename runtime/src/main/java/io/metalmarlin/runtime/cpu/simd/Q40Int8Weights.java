package io.metalmarlin.runtime.cpu.simd;

import io.metalmarlin.formats.scheme.BlockMatrix;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.runtime.cpu.kernel.WeightKernel;
import io.metalmarlin.runtime.model.StoredMatrix;

/// ggml's Q4_0 for inputs of 8 bits.
public final class Q40Int8Weights extends PanelWeights {
  private final WeightKernel exact = new Q40Weights();

  @Override
  boolean reads(PackedMatrix matrix) {
    return matrix instanceof BlockMatrix m && m.type() == DType.Q4_0;
  }

  @Override
  WeightKernel exact(PackedMatrix matrix) {
    return exact;
  }

  @Override
  PanelKernel panels(StoredMatrix matrix, PackedMatrix packed) {
    return Q40Panels.of(matrix, exact, (BlockMatrix) packed);
  }
}
