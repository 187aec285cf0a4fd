package io.metalmarlin.formats.model;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.util.List;

/// Questions that dialects ask about the tensors of a checkpoint.
final class Tensors {
  private Tensors() {}

  static boolean has(Checkpoint checkpoint, String tensor) {
    return checkpoint.tensors().containsKey(tensor);
  }

  static boolean is(Checkpoint checkpoint, String tensor, DType dtype) {
    TensorInfo info = checkpoint.tensors().get(tensor);
    return info != null && info.dtype() == dtype;
  }

  /// Whether the checkpoint has any tensor with one of these suffixes.
  static boolean any(Checkpoint checkpoint, List<String> suffixes) {
    return checkpoint.tensors().keySet().stream()
        .anyMatch(n -> suffixes.stream().anyMatch(n::endsWith));
  }
}
