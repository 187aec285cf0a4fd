package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.tensor.TensorInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/// Where a tensor of the view comes from.
///
/// @param info its Hugging Face name, its type in the file, its shape
/// @param source the tensor of the file
/// @param begin first byte inside the source
/// @param order the row order to undo
/// @param minusOne whether one is to be subtracted from F32 values
record ViewedTensor(
    TensorInfo info, String source, long begin, Optional<HeadOrder> order, boolean minusOne) {
  static ViewedTensor same(TensorInfo info, String source) {
    return slice(info, source, 0);
  }

  static ViewedTensor slice(TensorInfo info, String source, long begin) {
    return new ViewedTensor(info, source, begin, Optional.empty(), false);
  }

  /// @param whole the source's bytes
  MemorySegment bytes(MemorySegment whole) {
    MemorySegment stored = whole.asSlice(begin, info.byteSize());
    if (order.isPresent()) {
      return order.get().toHuggingFace(stored, info.shape().getFirst()).asReadOnly();
    }
    return minusOne ? minusOne(stored).asReadOnly() : stored;
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
