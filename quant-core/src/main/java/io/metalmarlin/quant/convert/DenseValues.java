package io.metalmarlin.quant.convert;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.metalmarlin.formats.number.BF16;
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
    switch (type) {
      case F32 -> MemorySegment.copy(values, 0, out, JAVA_FLOAT_UNALIGNED, 0, count);
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          short bits = BF16.nearest(values[i]);
          out.set(JAVA_SHORT_UNALIGNED, 2L * i, bits);
          values[i] = BF16.value(bits);
        }
      }
      case F16 -> {
        for (int i = 0; i < count; i++) {
          short bits = Float.floatToFloat16(values[i]);
          out.set(JAVA_SHORT_UNALIGNED, 2L * i, bits);
          values[i] = Float.float16ToFloat(bits);
        }
      }
      default -> throw new IllegalArgumentException("no dense values of type " + type);
    }
  }
}
