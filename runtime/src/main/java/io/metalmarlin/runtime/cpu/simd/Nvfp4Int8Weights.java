package io.metalmarlin.runtime.cpu.simd;

import io.metalmarlin.formats.scheme.BlockMatrix;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.blocks.GroupedBlocks;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.runtime.cpu.kernel.DirectSchemes;
import io.metalmarlin.runtime.cpu.kernel.WeightKernel;
import io.metalmarlin.runtime.model.StoredMatrix;

/// NVFP4 in whatever layout for inputs of 8 bits.
public final class Nvfp4Int8Weights extends PanelWeights {
  private final WeightKernel grid = new Nvfp4Weights();
  private final WeightKernel blocks = new DecodedWeights();

  @Override
  boolean reads(PackedMatrix matrix) {
    return switch (matrix) {
      case QuantizedMatrix m -> DirectSchemes.nvfp4(m.scheme());
      case BlockMatrix m -> m.type() == DType.NVFP4;
      default -> false;
    };
  }

  @Override
  WeightKernel exact(PackedMatrix matrix) {
    return matrix instanceof BlockMatrix ? blocks : grid;
  }

  @Override
  PanelKernel panels(StoredMatrix matrix, PackedMatrix packed) {
    QuantizedMatrix m =
        packed instanceof BlockMatrix b ? GroupedBlocks.grouped(b) : (QuantizedMatrix) packed;
    return Nvfp4Panels.of(matrix, exact(packed), m);
  }
}
