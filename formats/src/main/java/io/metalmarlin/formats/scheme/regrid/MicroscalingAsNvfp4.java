package io.metalmarlin.formats.scheme.regrid;

import io.metalmarlin.formats.number.E4M3;
import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Optional;

/// MXFP4 as NVFP4: the codes stay, every group of 32 becomes two of 16 under the same power of two,
/// and the tensor scale moves the window of E4M3 so that its powers of two, `2^-9` to `2^8`, reach
/// from the largest group down. Source: ModelOpt's cast of gpt-oss (`numeric_utils.py`).
final class MicroscalingAsNvfp4 implements Rule {
  private static final int LARGEST = 8;
  private static final int SMALLEST = -9;
  private static final int BIAS = 127;

  @Override
  public Optional<GroupScheme> next(GroupScheme from, GroupScheme to) {
    return from.equals(FloatScheme.MXFP4) && to.equals(Nvfp4Scheme.INSTANCE)
        ? Optional.of(to)
        : Optional.empty();
  }

  @Override
  public boolean always(GroupScheme from, GroupScheme next) {
    return false;
  }

  @Override
  public Optional<QuantizedMatrix> apply(
      QuantizedMatrix m, GroupScheme next, SegmentAllocator memory) {
    int largest = 0;
    for (long i = 0; i < m.scales().byteSize(); i++) {
      largest = Math.max(largest, ScaleType.E8M0.code(m.scales(), i));
    }
    float unit = (float) Math.scalb(1.0, largest - BIAS - LARGEST);
    if (largest == 0xff || unit == 0) {
      return Optional.empty();
    }
    MemorySegment scales = memory.allocate(2 * m.scales().byteSize());
    for (long i = 0; i < m.scales().byteSize(); i++) {
      int exponent = ScaleType.E8M0.code(m.scales(), i) - largest + LARGEST;
      if (exponent < SMALLEST && !Grids.empty(m, i)) {
        return Optional.empty();
      }
      int code = E4M3.nearest((float) Math.scalb(1.0, Math.max(exponent, SMALLEST)));
      ScaleType.E4M3.put(scales, 2 * i, code);
      ScaleType.E4M3.put(scales, 2 * i + 1, code);
    }
    TensorScale second = new TensorScale(TensorScale.Kind.MULTIPLIER, unit);
    return Optional.of(new QuantizedMatrix(next, m.rows(), m.cols(), m.codes(), scales, second));
  }
}
