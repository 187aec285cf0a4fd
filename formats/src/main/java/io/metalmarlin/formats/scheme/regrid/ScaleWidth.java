package io.metalmarlin.formats.scheme.regrid;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Optional;

/// Scales (and biases) in another type, if the type has every one of them.
final class ScaleWidth implements Rule {
  @Override
  public Optional<GroupScheme> next(GroupScheme from, GroupScheme to) {
    return from.scaleType() == to.scaleType() ? Optional.empty() : Grids.with(from, to.scaleType());
  }

  @Override
  public boolean always(GroupScheme from, GroupScheme next) {
    boolean narrow = from.scaleType() == ScaleType.F16 || from.scaleType() == ScaleType.BF16;
    return narrow && next.scaleType() == ScaleType.F32;
  }

  @Override
  public Optional<QuantizedMatrix> apply(
      QuantizedMatrix m, GroupScheme next, SegmentAllocator memory) {
    QuantizedMatrix out = Grids.fresh(m, next, memory);
    long count = Grids.groupCount(m);
    ScaleType from = m.scheme().scaleType();
    ScaleType to = next.scaleType();
    if (!convert(m.scales(), from, out.scales(), to, count)) {
      return Optional.empty();
    }
    MemorySegment zeros = m.zeros();
    MemorySegment target = out.zeros();
    if (zeros == null || target == null) {
      return Optional.of(out);
    }
    if (next.zero() == Zero.POINT) {
      target.copyFrom(zeros);
      return Optional.of(out);
    }
    return convert(zeros, from, target, to, count) ? Optional.of(out) : Optional.empty();
  }

  private static boolean convert(
      MemorySegment source, ScaleType from, MemorySegment target, ScaleType to, long count) {
    for (long i = 0; i < count; i++) {
      float value = from.value(from.code(source, i));
      // Types without a sign have no code for what is not positive.
      if (!Float.isFinite(value) || to.bits() == 8 && !(value > 0)) {
        return false;
      }
      int code = to.nearest(value);
      if (Float.floatToRawIntBits(to.value(code)) != Float.floatToRawIntBits(value)) {
        return false;
      }
      to.put(target, i, code);
    }
    return true;
  }
}
