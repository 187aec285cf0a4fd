package io.metalmarlin.cli.view;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// One quantized matrix of a checkpoint.
///
/// @param scheme the numeric grid, for example `nvfp4`
/// @param packing the byte layout
/// @param weights rows x columns of the matrix
/// @param bytes of all its planes
public record PackedModule(String scheme, String packing, long weights, long bytes) {
  /// The quantized modules of a checkpoint by name, in file order.
  static Map<String, PackedModule> find(
      Checkpoint checkpoint, ModelConfig config, Dialect dialect) {
    Map<String, PackedModule> found = new LinkedHashMap<>();
    for (String tensor : checkpoint.tensors().keySet()) {
      int dot = tensor.lastIndexOf('.');
      String stem = dot < 0 ? tensor : tensor.substring(0, dot);
      if (found.containsKey(stem)) {
        continue;
      }
      dialect
          .packing(config, checkpoint, stem)
          .flatMap(p -> of(p, checkpoint.tensors(), stem))
          .ifPresent(m -> found.put(stem, m));
    }
    return found;
  }

  /// The matrix's size follows from its first plane, the codes: `rows` rows of as many bits as the
  /// columns' codes take. Empty when the planes do not fit together.
  private static Optional<PackedModule> of(
      Packing packing, SequencedMap<String, TensorInfo> tensors, String stem) {
    Plane probe = packing.planes(1, packing.scheme().groupSize()).getFirst();
    TensorInfo codes = tensors.get(probe.tensor(stem).name());
    if (codes == null || codes.shape().size() != 2) {
      return Optional.empty();
    }
    long rows = codes.shape().getFirst();
    long cols = codes.shape().getLast() * codes.dtype().bits() / packing.scheme().codeBits();
    long bytes = 0;
    for (Plane p : packing.planes(Math.toIntExact(rows), Math.toIntExact(cols))) {
      TensorInfo t = tensors.get(p.tensor(stem).name());
      if (t == null) {
        return Optional.empty();
      }
      bytes += t.byteSize();
    }
    return Optional.of(
        new PackedModule(packing.scheme().name(), packing.name(), rows * cols, bytes));
  }
}
