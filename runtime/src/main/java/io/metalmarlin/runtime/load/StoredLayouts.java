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
  // Rows and columns of a part whose lines all stay in the first cache level.
  private static final int TILE = 32;

  private StoredLayouts() {}

  /// A view of the tensor's bytes; a copy that lives as long as it is used for a matrix that is
  /// stored transposed or row by row between others.
  static MemorySegment matrix(Linear linear, DType dtype, MemorySegment tensor) {
    Layout layout = linear.layout();
    MemorySegment bytes = tensor;
    if (layout.stack() > 0) {
      long size = tensor.byteSize() / layout.stack();
      bytes = tensor.asSlice(linear.id().expert() * size, size);
    }
    if (layout.transposed()) {
      return transposed(linear, bytes, dtype);
    }
    long row = bytes.byteSize() / ((long) linear.out() * layout.part().count());
    return layout.part().alternating()
        ? rows(linear, bytes, row)
        : bytes.asSlice(layout.part().row(0, linear.out()) * row, linear.out() * row);
  }

  private static MemorySegment rows(Linear linear, MemorySegment from, long rowBytes) {
    MemorySegment to = Arena.ofAuto().allocate(linear.out() * rowBytes, 64);
    for (int r = 0; r < linear.out(); r++) {
      long stored = linear.layout().part().row(r, linear.out());
      MemorySegment.copy(from, stored * rowBytes, to, r * rowBytes, rowBytes);
    }
    return to;
  }

  /// The columns of the linear as rows.
  private static MemorySegment transposed(Linear linear, MemorySegment from, DType dtype) {
    int in = linear.in();
    int out = linear.out();
    boolean wide = dtype == DType.F32;
    MemorySegment to =
        Arena.ofAuto().allocate((long) in * out * (wide ? Float.BYTES : Short.BYTES), 64);
    for (int c = 0; c < in; c += TILE) {
      for (int r = 0; r < out; r += TILE) {
        tile(linear, from, r, c, wide, to);
      }
    }
    return to;
  }

  private static void tile(
      Linear linear, MemorySegment from, int row, int col, boolean wide, MemorySegment to) {
    Layout.Part part = linear.layout().part();
    int in = linear.in();
    int out = linear.out();
    long stored = (long) out * part.count();
    for (long c = col; c < Math.min(in, col + TILE); c++) {
      for (int r = row; r < Math.min(out, row + TILE); r++) {
        long at = c * stored + part.row(r, out);
        if (wide) {
          int v = from.getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, at);
          to.setAtIndex(ValueLayout.JAVA_INT_UNALIGNED, (long) r * in + c, v);
        } else {
          short v = from.getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, at);
          to.setAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, (long) r * in + c, v);
        }
      }
    }
  }
}
