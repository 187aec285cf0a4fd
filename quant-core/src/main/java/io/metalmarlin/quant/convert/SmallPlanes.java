package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Planes of a few bytes that cost nothing to make: the size of a matrix, its tensor scale. They
/// are written before everything else, because a safetensors file is sorted by type and begins with
/// those of all its modules, and a digest gets no further than to the first that is missing.
final class SmallPlanes {
  private static final long SMALL = 64;

  private final Checkpoint source;
  private final CheckpointWriter writer;
  private final Set<String> written = new HashSet<>();

  SmallPlanes(Checkpoint source, CheckpointWriter writer) {
    this.source = source;
    this.writer = writer;
  }

  /// Writes those of a module.
  void write(ConvertStep.Repack r) {
    List<TensorInfo> outputs = r.outputs();
    if (outputs.stream().noneMatch(SmallPlanes::small)) {
      return;
    }
    try (Arena memory = Arena.ofConfined()) {
      Map<Integer, MemorySegment> planes = planes(r, memory);
      for (int i = 0; i < outputs.size(); i++) {
        MemorySegment plane = planes.get(i);
        if (small(outputs.get(i)) && plane != null) {
          writer.write(outputs.get(i).name(), 0, plane);
          written.add(outputs.get(i).name());
        }
      }
    }
  }

  /// Whether a plane was written already.
  boolean wrote(TensorInfo output) {
    return written.contains(output.name());
  }

  private static boolean small(TensorInfo t) {
    return t.byteSize() <= SMALL;
  }

  /// What can be had for nothing, by its place among the planes.
  private Map<Integer, MemorySegment> planes(ConvertStep.Repack r, Arena memory) {
    PackedModule module = r.module();
    if (r.target().equals(module.packing())) {
      return numbered(module.planes().stream().map(p -> p.bytes(source)).toList());
    }
    if (!module.packing().views() || !r.target().views()) {
      return r.target().constants(module.rows(), module.cols());
    }
    PackedMatrix matrix =
        ExactFit.regrid(module.matrix(source, memory), r.target(), memory)
            .orElseThrow(() -> new IllegalStateException(r.name() + " is not exact after all"));
    return numbered(r.target().store(matrix, memory));
  }

  private static Map<Integer, MemorySegment> numbered(List<MemorySegment> planes) {
    return IntStream.range(0, planes.size()).boxed().collect(Collectors.toMap(i -> i, planes::get));
  }
}
