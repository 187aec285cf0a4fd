package io.metalmarlin.quant.job;

import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.quant.plan.Step;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Planes that hold a matrix's shape (`weight_shape` of compressed-tensors): they are written
/// before anything is solved, because a reader of the unfinished output asks them for modules that
/// are still to come.
final class StoredShapes {
  private static final int MAX_BYTES = 16;
  private static final Set<DType> WHOLE_NUMBERS = Set.of(DType.I32, DType.I64);

  private StoredShapes() {}

  static void write(Step.Quantize step, CheckpointWriter writer) {
    List<Plane> planes = step.packing().planes(step.linear().out(), step.linear().in());
    if (planes.stream().noneMatch(p -> isShape(p, step))) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> bytes = new ArrayList<>();
      planes.forEach(p -> bytes.add(arena.allocate(p.tensor(step.name()).byteSize(), 64)));
      step.packing().encode(zeros(step, arena), bytes);
      for (int i = 0; i < planes.size(); i++) {
        if (isShape(planes.get(i), step)) {
          writer.write(planes.get(i).tensor(step.name()).name(), 0, bytes.get(i));
        }
      }
    }
  }

  private static boolean isShape(Plane p, Step.Quantize step) {
    return WHOLE_NUMBERS.contains(p.dtype()) && p.tensor(step.name()).byteSize() <= MAX_BYTES;
  }

  private static QuantizedMatrix zeros(Step.Quantize step, Arena arena) {
    GroupScheme scheme = step.grid();
    int rows = step.linear().out();
    int cols = step.linear().in();
    long zeros = QuantizedMatrix.zeroBytes(scheme, rows, cols);
    return new QuantizedMatrix(
        scheme,
        rows,
        cols,
        arena.allocate(QuantizedMatrix.codeBytes(scheme, rows, cols)),
        arena.allocate(QuantizedMatrix.scaleBytes(scheme, rows, cols)),
        TensorScale.NONE,
        zeros == 0 ? null : arena.allocate(zeros),
        null);
  }
}
