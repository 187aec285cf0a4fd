package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.number.Floats;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;

/// Dense tensors as fp32 numbers and back.
final class DenseValues {
  private DenseValues() {}

  /// Whether a type is one of those.
  static boolean floats(DType type) {
    return type == DType.F32 || type == DType.F16 || type == DType.BF16;
  }

  /// Reads `count` elements from element `first` on.
  static void read(DType type, MemorySegment bytes, long first, float[] out, int count) {
    Floats.widen(type, bytes, first, out, 0, count);
  }

  /// Whether a type has the number.
  static boolean holds(DType type, float value) {
    return Floats.round(value, type) == value;
  }

  /// Writes `count` numbers, rounded to the nearest, ties to even; `values` becomes what was
  /// stored.
  static void write(DType type, float[] values, int count, MemorySegment out) {
    Floats.narrow(type, values, 0, count, out, 0);
    Floats.widen(type, out, 0, values, 0, count);
  }
}
