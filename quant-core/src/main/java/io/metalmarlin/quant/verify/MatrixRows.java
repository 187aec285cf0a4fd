package io.metalmarlin.quant.verify;

import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.number.Floats;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// The weights of one module as numbers, packed or dense, a few rows at a time.
///
/// @param source decodes rows
public record MatrixRows(int rows, int cols, Source source) {
  /// Rows `[from, to)` into `out`, row-major from index 0.
  @FunctionalInterface
  public interface Source {
    void decode(int from, int to, float[] out);
  }

  boolean sameSize(MatrixRows other) {
    return rows == other.rows && cols == other.cols;
  }

  /// The matrix of a module; empty where there is none that can be read.
  public static Optional<MatrixRows> of(Subject subject, String module) {
    PackedModule packed = subject.modules().get(module);
    if (packed != null) {
      return subject
          .matrix(packed)
          .filter(m -> Undecodable.reason(m).isEmpty())
          .map(m -> new MatrixRows(m.rows(), m.cols(), m::decode));
    }
    TensorInfo info = subject.checkpoint().tensors().get(module + ".weight");
    if (info == null || info.shape().size() != 2 || !Floats.supports(info.dtype())) {
      return Optional.empty();
    }
    int rows = Math.toIntExact(info.shape().getFirst());
    int cols = Math.toIntExact(info.shape().getLast());
    MemorySegment bytes = subject.checkpoint().bytes(info.name());
    return Optional.of(
        new MatrixRows(
            rows,
            cols,
            (from, to, out) ->
                Floats.widen(info.dtype(), bytes, (long) from * cols, out, 0, (to - from) * cols)));
  }
}
