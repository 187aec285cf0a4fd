package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/// A tensor of the view that is, or lies in, one tensor of the file.
///
/// @param info its Hugging Face name, its type in the file, its shape
/// @param source the tensor of the file
/// @param begin first byte inside the source
/// @param order the row order to undo
/// @param minusOne whether one is to be subtracted from F32 values
/// @param turned whether rows and columns change places
record StoredTensor(
    TensorInfo info,
    String source,
    long begin,
    Optional<RowOrder> order,
    boolean minusOne,
    boolean turned)
    implements ViewedTensor {
  static StoredTensor same(TensorInfo info, String source) {
    return slice(info, source, 0);
  }

  static StoredTensor slice(TensorInfo info, String source, long begin) {
    return new StoredTensor(info, source, begin, Optional.empty(), false, false);
  }

  @Override
  public MemorySegment bytes(Checkpoint file) {
    MemorySegment stored = file.bytes(source).asSlice(begin, info.byteSize());
    if (order.isPresent()) {
      return order.get().toHuggingFace(stored, info.shape().getFirst()).asReadOnly();
    }
    if (turned) {
      return turned(stored).asReadOnly();
    }
    return minusOne ? minusOne(stored).asReadOnly() : stored;
  }

  private MemorySegment turned(MemorySegment stored) {
    MemorySegment out = Arena.ofAuto().allocate(stored.byteSize(), Long.BYTES);
    long rows = info.shape().getFirst();
    long cols = info.shape().getLast();
    long width = info.dtype().bits() / 8;
    for (long row = 0; row < rows; row++) {
      for (long col = 0; col < cols; col++) {
        long from = (col * rows + row) * width;
        MemorySegment.copy(stored, from, out, (row * cols + col) * width, width);
      }
    }
    return out;
  }

  private static MemorySegment minusOne(MemorySegment stored) {
    MemorySegment out = Arena.ofAuto().allocate(stored.byteSize(), Long.BYTES);
    for (long at = 0; at < stored.byteSize(); at += Float.BYTES) {
      float v = stored.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
      out.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, v - 1);
    }
    return out;
  }
}
