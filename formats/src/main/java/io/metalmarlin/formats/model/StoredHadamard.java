package io.metalmarlin.formats.model;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.number.Floats;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.util.List;
import java.util.Optional;

/// What FP-Quant's `forward_hadamard_matrix` `[g, g]` says: the normalised Sylvester matrix, the
/// identity, or something that is not read.
///
/// @param config for `hadamard_group_size`
record StoredHadamard(IntConfig config, Checkpoint checkpoint) {
  /// The largest matrix of the format.
  private static final int MAX_SIZE = 1024;

  /// Entries are rounded to 16 bits.
  private static final float TOLERANCE = 0.01f;

  /// What a runner does to the input of a module; nothing for the identity.
  ///
  /// @throws MarlinException `TENSOR_MISSING`, `TENSOR_MISMATCH` for a matrix that does not fit the
  ///   module or the configuration, `REFUSED_FORMAT` for another matrix
  Optional<InputTransform> transform(String stem, int cols) {
    String name = stem + ".forward_hadamard_matrix";
    TensorInfo info = checkpoint.tensors().get(name);
    if (info == null) {
      throw new MarlinException(
          ErrorCode.TENSOR_MISSING,
          name,
          "is not in the checkpoint: the basis of " + stem + " is unknown",
          "The checkpoint is incomplete; download it again.");
    }
    List<Long> shape = info.shape();
    long size = shape.isEmpty() ? 0 : shape.getFirst();
    int said = config.number("hadamard_group_size").orElse((int) Math.min(size, MAX_SIZE));
    boolean fits =
        shape.equals(List.of(size, size))
            && size >= 2
            && size <= MAX_SIZE
            && cols % size == 0
            && said == size
            && Floats.supports(info.dtype());
    if (!fits) {
      throw new MarlinException(
          ErrorCode.TENSOR_MISMATCH,
          checkpoint.file(name) + ": " + name,
          "is %s %s; hadamard_group_size is %d and the input is %d"
              .formatted(info.dtype(), shape, said, cols),
          "config.json and the tensors belong to different models; download both again.");
    }
    float[] matrix = new float[(int) (size * size)];
    Floats.widen(info.dtype(), checkpoint.bytes(name), 0, matrix, 0, matrix.length);
    if (isIdentity(matrix, (int) size)) {
      return Optional.empty();
    }
    if (!isSylvester(matrix, (int) size)) {
      throw config.refused(
          stem + " is in the basis of a matrix other than the normalised Sylvester Hadamard one");
    }
    return Optional.of(new InputTransform((int) size));
  }

  private static boolean isIdentity(float[] matrix, int size) {
    for (int i = 0; i < matrix.length; i++) {
      if (matrix[i] != (i / size == i % size ? 1f : 0f)) {
        return false;
      }
    }
    return true;
  }

  /// Entry `(i, j)` is `1 / sqrt(size)`, negative where i and j have an odd number of common bits.
  private static boolean isSylvester(float[] matrix, int size) {
    if (Integer.bitCount(size) != 1) {
      return false;
    }
    float magnitude = (float) (1 / Math.sqrt(size));
    for (int i = 0; i < matrix.length; i++) {
      boolean negative = Integer.bitCount(i / size & i % size) % 2 == 1;
      float wanted = negative ? -magnitude : magnitude;
      if (!(Math.abs(matrix[i] - wanted) <= TOLERANCE * magnitude)) {
        return false;
      }
    }
    return true;
  }
}
