package io.metalmarlin.formats.scheme.regrid;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Optional;

/// Codes around the middle of their range with the bias `-middle * scale`, where the scale type has
/// that number: [SymmetricAsPoint] and [PointAsBias] in one pass. The middle is a power of two, so
/// the product is exact unless it is too large.
final class SymmetricAsBias implements Rule {
  private static final int RUN = 1024;
  private static final float F16_MAX = 65504f;

  /// Twice as much, the largest weight there may be, is finite.
  private static final float BF16_MOST = Float.MAX_VALUE / 2;

  @Override
  public Optional<GroupScheme> next(GroupScheme from, GroupScheme to) {
    boolean halves = from.scaleType() == ScaleType.F16 || from.scaleType() == ScaleType.BF16;
    return halves && from.zero() == Zero.NONE && to.zero() == Zero.BIAS
        ? Grids.with(from, Zero.BIAS)
        : Optional.empty();
  }

  @Override
  public boolean always(GroupScheme from, GroupScheme next) {
    return false;
  }

  /// The scales are the source's.
  @Override
  public Optional<QuantizedMatrix> apply(
      QuantizedMatrix m, GroupScheme next, SegmentAllocator memory) {
    MemorySegment scales = m.scales();
    MemorySegment biases = memory.allocate(scales.byteSize(), 8);
    ScaleType type = next.scaleType();
    float factor = -(1 << next.codeBits() - 1);
    int most = Float.floatToRawIntBits(type == ScaleType.F16 ? F16_MAX : BF16_MOST);
    long count = Grids.groupCount(m);
    float[] bias = new float[RUN];
    for (long first = 0; first < count; first += RUN) {
      int n = (int) Math.min(RUN, count - first);
      if (HalfBias.write(type, next.codeBits() - 1, scales, biases, first, n)) {
        continue;
      }
      type.values(scales, first, bias, n);
      multiply(bias, factor, n);
      if (beyond(bias, most, n)) {
        return Optional.empty();
      }
      type.putNearest(bias, biases, first, n);
    }
    return Optional.of(Grids.of(m, next, scales, biases));
  }

  // Loops that compilers turn into vectors, each for itself.

  private static void multiply(float[] scales, float factor, int n) {
    for (int i = 0; i < n; i++) {
      // A sum of -0 and 0 is 0, as (code - middle) * scale is for the code in the middle.
      scales[i] = scales[i] * factor + 0f;
    }
  }

  /// Whether a number is larger than the one with the bits `most`, or none: a sign in a difference
  /// of bits.
  private static boolean beyond(float[] numbers, int most, int n) {
    int signs = 0;
    for (int i = 0; i < n; i++) {
      signs |= most - (Float.floatToRawIntBits(numbers[i]) & Integer.MAX_VALUE);
    }
    return signs < 0;
  }
}
