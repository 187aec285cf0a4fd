package io.metalmarlin.formats.scheme.regrid;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.Optional;

/// A bias as the zero point `-bias / scale`, where that is a code.
final class BiasAsPoint implements Rule {
  private static final int RUN = 4096;

  @Override
  public Optional<GroupScheme> next(GroupScheme from, GroupScheme to) {
    return from.zero() == Zero.BIAS && to.zero() != Zero.BIAS
        ? Grids.with(from, Zero.POINT)
        : Optional.empty();
  }

  @Override
  public boolean always(GroupScheme from, GroupScheme next) {
    return false;
  }

  @Override
  public Optional<QuantizedMatrix> apply(
      QuantizedMatrix m, GroupScheme next, SegmentAllocator memory) {
    QuantizedMatrix out = Grids.fresh(m, next, memory);
    ScaleType type = next.scaleType();
    int bits = next.codeBits();
    int largest = (1 << bits) - 1;
    MemorySegment scales = m.scales();
    MemorySegment biases = Objects.requireNonNull(m.zeros());
    MemorySegment points = Objects.requireNonNull(out.zeros());
    long count = Grids.groupCount(m);
    float[] scale = new float[RUN];
    float[] bias = new float[RUN];
    byte[] point = new byte[RUN];
    for (long first = 0; first < count; first += RUN) {
      int n = (int) Math.min(RUN, count - first);
      type.values(scales, first, scale, n);
      type.values(biases, first, bias, n);
      if (!Affine.exact(type, scale, n, bits) || !points(scale, bias, n, largest, point)) {
        return Optional.empty();
      }
      MemorySegment.copy(point, 0, points, ValueLayout.JAVA_BYTE, first, n);
    }
    out.scales().copyFrom(scales);
    return Optional.of(out);
  }

  /// @return whether each `-bias / scale` is a code up to `largest`
  private static boolean points(float[] scale, float[] bias, int n, int largest, byte[] out) {
    boolean all = true;
    for (int i = 0; i < n; i++) {
      float quotient = -bias[i] / scale[i];
      // 0 / 0 is NaN, and NaN as an integer 0: the point of a group of zeros.
      int point = (int) quotient;
      all &= point >= 0 & point <= largest & -(float) point * scale[i] == bias[i];
      out[i] = (byte) point;
    }
    return all;
  }
}
