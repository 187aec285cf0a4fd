package io.metalmarlin.runtime.load;

import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.runtime.model.Layout;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Finds the `[out, in]` matrix of a linear layer in the tensor that holds it, the one place that
/// knows what a [Layout] means.
final class StoredLayouts {
  private StoredLayouts() {}

  /// A view of the tensor's bytes; for a transposed matrix a copy that lives as long as it is used.
  static MemorySegment matrix(Linear linear, DType dtype, MemorySegment tensor) {
    Layout layout = linear.layout();
    MemorySegment bytes = tensor;
    if (layout.stack() > 0) {
      long size = tensor.byteSize() / layout.stack();
      bytes = tensor.asSlice(linear.id().expert() * size, size);
    }
    return layout.transposed() ? transposed(bytes, linear.in(), linear.out(), dtype) : bytes;
  }

  private static MemorySegment transposed(MemorySegment from, int rows, int cols, DType dtype) {
    boolean wide = dtype == DType.F32;
    MemorySegment to = Arena.ofAuto().allocate(from.byteSize(), 64);
    for (long r = 0; r < rows; r++) {
      for (long c = 0; c < cols; c++) {
        if (wide) {
          int v = from.getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, r * cols + c);
          to.setAtIndex(ValueLayout.JAVA_INT_UNALIGNED, c * rows + r, v);
        } else {
          short v = from.getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, r * cols + c);
          to.setAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, c * rows + r, v);
        }
      }
    }
    return to;
  }
}
