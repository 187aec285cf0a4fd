package io.metalmarlin.formats.model;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.number.Floats;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;

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

  /// What stands before the last dot of every tensor's name, each once, in file order.
  static SequencedSet<String> stems(Checkpoint checkpoint) {
    SequencedSet<String> stems = new LinkedHashSet<>();
    for (String name : checkpoint.tensors().keySet()) {
      int dot = name.lastIndexOf('.');
      stems.add(dot < 0 ? name : name.substring(0, dot));
    }
    return stems;
  }

  /// Rows and columns of a stored matrix.
  ///
  /// @throws MarlinException `TENSOR_MISMATCH` unless it has two dimensions that fit an int
  static int[] matrix(Checkpoint checkpoint, String tensor) {
    List<Long> shape = checkpoint.tensors().get(tensor).shape();
    // Twice an int, since a packed row has more columns than elements.
    boolean sound =
        shape.size() == 2 && shape.stream().allMatch(d -> d > 0 && d <= Integer.MAX_VALUE / 16);
    if (!sound) {
      throw new MarlinException(
          ErrorCode.TENSOR_MISMATCH,
          checkpoint.file(tensor) + ": " + tensor,
          "has shape " + shape + ", a packed matrix has two positive dimensions",
          "The checkpoint is damaged or of a kind this version does not read.");
    }
    return new int[] {shape.get(0).intValue(), shape.get(1).intValue()};
  }

  /// The header entry of a tensor that must be there.
  ///
  /// @throws MarlinException `TENSOR_MISSING`
  static TensorInfo require(Checkpoint checkpoint, String tensor) {
    TensorInfo info = checkpoint.tensors().get(tensor);
    if (info == null) {
      throw new MarlinException(
          ErrorCode.TENSOR_MISSING,
          tensor,
          "is not in the checkpoint (%d tensors), but the module's other planes are"
              .formatted(checkpoint.tensors().size()),
          "The checkpoint is incomplete; download it again.");
    }
    return info;
  }

  /// The type of stored scales.
  ///
  /// @throws MarlinException `TENSOR_MISSING`; `TENSOR_MISMATCH` for any but BF16, F16 and F32
  static ScaleType scaleType(Checkpoint checkpoint, String tensor) {
    DType dtype = require(checkpoint, tensor).dtype();
    if (!Floats.supports(dtype)) {
      throw mismatch(checkpoint, tensor, "is " + dtype + ", scales are BF16, F16 or F32");
    }
    return ScaleType.of(dtype);
  }

  /// @param what actual and expected figures
  static MarlinException mismatch(Checkpoint checkpoint, String tensor, String what) {
    return new MarlinException(
        ErrorCode.TENSOR_MISMATCH,
        checkpoint.file(tensor) + ": " + tensor,
        what,
        "config.json and the tensors belong to different models; download both again.");
  }
}
