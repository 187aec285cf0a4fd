package io.metalmarlin.cli.view;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.gguf.GgufCheckpoint;
import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.model.StoredPlane;
import io.metalmarlin.formats.scheme.BlockPacking;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.blocks.ScaledNvfp4;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.quant.verify.PackedModules;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SequencedMap;

/// One quantized matrix, or one stack of them in a single tensor, as far as headers show it.
///
/// @param weights elements of the matrix it stands for
/// @param bytes of all its planes
/// @param tensors that hold it
record PackedPart(String scheme, String packing, long weights, long bytes, List<String> tensors) {
  /// The modules that a dialect found.
  static List<PackedPart> of(Collection<PackedModule> modules, Checkpoint checkpoint) {
    return modules.stream()
        .map(m ->
            new PackedPart(
                m.packing().scheme().name(),
                m.packing().name(),
                (long) m.rows() * m.cols(),
                m.byteSize(checkpoint),
                m.planes().stream().map(StoredPlane::tensor).toList()))
        .toList();
  }

  /// The block tensors of a GGUF file, whatever the architecture: their types say everything, and
  /// an F32 factor beside an NVFP4 tensor belongs to it.
  static List<PackedPart> of(GgufCheckpoint file) {
    SequencedMap<String, TensorInfo> tensors = file.tensors();
    List<PackedPart> parts = new ArrayList<>();
    for (TensorInfo t : tensors.values()) {
      if (t.dtype().isBlock()) {
        TensorInfo factor = tensors.get(PackedModules.stem(t.name()) + ".scale");
        boolean scaled = t.dtype() == DType.NVFP4 && factor != null;
        Packing packing = scaled ? ScaledNvfp4.INSTANCE : new BlockPacking(t.dtype());
        parts.add(
            new PackedPart(
                packing.scheme().name(),
                packing.name(),
                t.elements(),
                t.byteSize() + (scaled ? factor.byteSize() : 0),
                scaled ? List.of(t.name(), factor.name()) : List.of(t.name())));
      }
    }
    return List.copyOf(parts);
  }
}
