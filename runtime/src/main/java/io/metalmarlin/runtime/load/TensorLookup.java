package io.metalmarlin.runtime.load;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// Finds the tensors a declaration needs and says what is wrong with them: missing, wrong shape,
/// wrong type.
final class TensorLookup {
  /// The types that dense weights may have.
  private static final Set<DType> FLOATING = EnumSet.of(DType.BF16, DType.F16, DType.F32);

  private final Checkpoint checkpoint;

  TensorLookup(Checkpoint checkpoint) {
    this.checkpoint = checkpoint;
  }

  /// A dense floating-point tensor of exactly this shape.
  TensorInfo dense(String name, List<Long> shape) {
    TensorInfo info = find(name, shape.toString());
    if (!info.shape().equals(shape)) {
      throw mismatch(name, "has shape " + info.shape() + ", the configuration asks for " + shape);
    }
    if (!FLOATING.contains(info.dtype())) {
      throw mismatch(name, "is " + info.dtype() + ", expected BF16, F16 or F32");
    }
    return info;
  }

  /// A packed module of exactly this size.
  void size(PackedModule module, int rows, int cols) {
    if (module.rows() != rows || module.cols() != cols) {
      throw mismatch(
          module.planes().getFirst().tensor(),
          "%s holds %d x %d weights as %s, the configuration asks for %d x %d"
              .formatted(
                  module.stem(),
                  module.rows(),
                  module.cols(),
                  module.packing().name(),
                  rows,
                  cols));
    }
  }

  private TensorInfo find(String name, String shape) {
    TensorInfo info = checkpoint.tensors().get(name);
    if (info == null) {
      throw new MarlinException(
          ErrorCode.TENSOR_MISSING,
          name,
          "is not in %s (%d tensors), expected with shape %s"
              .formatted(
                  checkpoint.files().getFirst().getParent(), checkpoint.tensors().size(), shape),
          "The checkpoint is incomplete or belongs to another config.json; download it again.");
    }
    return info;
  }

  private MarlinException mismatch(String name, String what) {
    return new MarlinException(
        ErrorCode.TENSOR_MISMATCH,
        checkpoint.file(name) + ": " + name,
        what,
        "config.json and the tensors belong to different models; download both again.");
  }
}
