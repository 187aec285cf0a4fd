package io.metalmarlin.formats.model;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.floating.Fp8Layout;
import io.metalmarlin.formats.scheme.floating.Fp8Packing;
import io.metalmarlin.formats.tensor.DType;
import java.util.List;

/// FP8 modules of any family, told from the shape of their scales: one for the tensor, one a row,
/// one for each block, one for each group of columns.
final class Fp8Modules {
  /// Rows and columns that share a scale.
  record Block(int rows, int cols) {}

  /// What every family takes when it says nothing.
  static final Block BLOCK = new Block(128, 128);

  private Fp8Modules() {}

  /// @param layout how the family names its scales; the shape is that of the file
  /// @param blocks what the configuration says, most likely first
  /// @throws io.metalmarlin.formats.MarlinException `TENSOR_MISSING`, `TENSOR_MISMATCH`
  static StoredMatrix find(
      Checkpoint checkpoint, String stem, Fp8Layout layout, List<Block> blocks) {
    int[] size = Tensors.matrix(checkpoint, stem + ".weight");
    String scales = stem + "." + layout.suffix();
    ScaleType type =
        Tensors.is(checkpoint, scales, DType.F8_E8M0)
            ? ScaleType.E8M0
            : Tensors.scaleType(checkpoint, scales);
    List<Long> shape = Tensors.require(checkpoint, scales).shape();
    int rows = size[0];
    int cols = size[1];
    if (shape.stream().allMatch(d -> d == 1)) {
      return matrix(FloatScheme.fp8(GroupScheme.WHOLE, GroupScheme.WHOLE, type), layout, size);
    }
    FloatScheme channel = FloatScheme.fp8(1, GroupScheme.WHOLE, type);
    if (shape.equals(List.of((long) rows)) && layout != Fp8Layout.NATIVE) {
      return matrix(channel, Fp8Layout.MODELOPT, size);
    }
    // From here on the shapes of all families are those of compressed-tensors.
    Fp8Layout shaped = layout == Fp8Layout.MODELOPT ? Fp8Layout.COMPRESSED_TENSORS : layout;
    if (shape.equals(List.of((long) rows, 1L))) {
      return matrix(channel, shaped, size);
    }
    for (Block b : blocks) {
      if (shape.equals(List.of(parts(rows, b.rows()), 1L, parts(cols, b.cols()), 1L))) {
        return matrix(FloatScheme.fp8(b.rows(), b.cols(), type), Fp8Layout.MODELOPT_BLOCKS, size);
      }
      if (shape.equals(List.of(parts(rows, b.rows()), parts(cols, b.cols())))) {
        return matrix(FloatScheme.fp8(b.rows(), b.cols(), type), shaped, size);
      }
    }
    if (shape.size() == 2 && shape.get(0) == rows && cols % shape.get(1) == 0) {
      return matrix(FloatScheme.fp8(1, (int) (cols / shape.get(1)), type), shaped, size);
    }
    throw Tensors.mismatch(
        checkpoint,
        scales,
        "has shape %s; %dx%d weights have one scale, one a row, or one for each block of %s"
            .formatted(
                shape,
                rows,
                cols,
                String.join(" or ", blocks.stream().map(b -> b.rows() + "x" + b.cols()).toList())));
  }

  private static long parts(int whole, int part) {
    return Math.ceilDiv(whole, part);
  }

  private static StoredMatrix matrix(FloatScheme scheme, Fp8Layout layout, int[] size) {
    return new StoredMatrix(new Fp8Packing(scheme, layout), size[0], size[1]);
  }
}
