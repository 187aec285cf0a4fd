package io.metalmarlin.formats.model;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// One expert's matrix out of a stack that holds them `[in, out]`, several beside each other.
///
/// @param info `[out, in]`
/// @param stack `[E, in, parts * out]`
/// @param part which of the matrices beside each other
record TurnedExpert(TensorInfo info, TensorInfo stack, int expert, int part, int parts)
    implements MadeView.Made {
  @Override
  public List<String> sources() {
    return List.of(stack.name());
  }

  @Override
  public MemorySegment bytes(Checkpoint file) {
    MemorySegment stored = file.bytes(stack.name());
    MemorySegment out = Arena.ofAuto().allocate(info.byteSize(), Long.BYTES);
    long rows = info.shape().getFirst();
    long cols = info.shape().getLast();
    long width = info.dtype().bits() / 8;
    for (long col = 0; col < cols; col++) {
      long from = ((expert * cols + col) * parts + part) * rows * width;
      for (long row = 0; row < rows; row++) {
        MemorySegment.copy(stored, from + row * width, out, (row * cols + col) * width, width);
      }
    }
    return out.asReadOnly();
  }
}
