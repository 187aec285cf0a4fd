package io.metalmarlin.formats.number;

import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Reads and writes stored floating-point elements as fp32. Works at any byte offset: a container
/// may start an F32 tensor at an odd byte.
public final class Floats {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Floats() {}

  /// Whether [#widen] can read the type.
  public static boolean supports(DType dtype) {
    return dtype == DType.BF16 || dtype == DType.F16 || dtype == DType.F32;
  }

  /// `x` rounded to the nearest value of a stored float type, halves to even; `x` itself for any
  /// type but BF16 and F16. How arithmetic in that type is done: the fp32 operation, then this.
  public static float round(float x, DType dtype) {
    return switch (dtype) {
      case BF16 -> BF16.round(x);
      case F16 -> Float.float16ToFloat(Float.floatToFloat16(x));
      default -> x;
    };
  }

  /// Widens `count` little-endian elements of `source`, from element `first` on, to `out[at .. at +
  /// count)`. Exact for every value; NaN stays NaN.
  ///
  /// @throws IllegalArgumentException for a type other than BF16, F16 and F32
  public static void widen(
      DType dtype, MemorySegment source, long first, float[] out, int at, int count) {
    switch (dtype) {
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          out[at + i] = BF16.value(source.get(SHORT, (first + i) * 2));
        }
      }
      case F16 -> {
        for (int i = 0; i < count; i++) {
          out[at + i] = Float.float16ToFloat(source.get(SHORT, (first + i) * 2));
        }
      }
      case F32 -> MemorySegment.copy(source, FLOAT, first * 4, out, at, count);
      default -> throw new IllegalArgumentException(dtype + " is not a stored float type");
    }
  }

  /// Rounds `count` values, from `values[at]` on, to the nearest of a stored type, halves to even,
  /// and writes them little-endian from element `first` of `target` on.
  ///
  /// @throws IllegalArgumentException for a type other than BF16, F16 and F32
  public static void narrow(
      DType dtype, float[] values, int at, int count, MemorySegment target, long first) {
    switch (dtype) {
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          target.set(SHORT, (first + i) * 2, BF16.nearest(values[at + i]));
        }
      }
      case F16 -> {
        for (int i = 0; i < count; i++) {
          target.set(SHORT, (first + i) * 2, Float.floatToFloat16(values[at + i]));
        }
      }
      case F32 -> MemorySegment.copy(values, at, target, FLOAT, first * 4, count);
      default -> throw new IllegalArgumentException(dtype + " is not a stored float type");
    }
  }
}
