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
/// and the tensor scale moves the window of E4M3's powers of two, `2^-9` to `2^8`. Source:
/// ModelOpt's cast of gpt-oss (`numeric_utils.py`).
///
/// The window is the same for every matrix that fits into it, `2^-17` to 1, because projections
/// that run as one must share a tensor scale; for others it reaches from their largest group down.
final class MicroscalingAsNvfp4 implements Rule {
  private static final int LARGEST = 8;
  private static final int SMALLEST = -9;
  private static final int BIAS = 127;

  /// Stored exponent of the largest group scale of usual weights, which are below 6.
  private static final int USUAL = BIAS;

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
    Optional<MemorySegment> usual = scales(m, USUAL, memory);
    if (usual.isPresent()) {
      return Optional.of(matrix(m, next, usual.get(), USUAL));
    }
    int largest = 0;
    for (long i = 0; i < m.scales().byteSize(); i++) {
      largest = Math.max(largest, ScaleType.E8M0.code(m.scales(), i));
    }
    int top = largest;
    return unit(top) == 0 || top == 0xff
        ? Optional.empty()
        : scales(m, top, memory).map(s -> matrix(m, next, s, top));
  }

  private static float unit(int top) {
    return (float) Math.scalb(1.0, top - BIAS - LARGEST);
  }

  /// @param top the stored exponent that becomes E4M3's largest power of two
  /// @return empty where a group lies outside the window
  private static Optional<MemorySegment> scales(
      QuantizedMatrix m, int top, SegmentAllocator memory) {
    MemorySegment scales = memory.allocate(2 * m.scales().byteSize());
    for (long i = 0; i < m.scales().byteSize(); i++) {
      int exponent = ScaleType.E8M0.code(m.scales(), i) - top + LARGEST;
      boolean inside = exponent >= SMALLEST && exponent <= LARGEST;
      if (!inside && !Grids.empty(m, i)) {
        return Optional.empty();
      }
      int code = E4M3.nearest((float) Math.scalb(1.0, Math.clamp(exponent, SMALLEST, LARGEST)));
      ScaleType.E4M3.put(scales, 2 * i, code);
      ScaleType.E4M3.put(scales, 2 * i + 1, code);
    }
    return Optional.of(scales);
  }

  private static QuantizedMatrix matrix(
      QuantizedMatrix m, GroupScheme next, MemorySegment scales, int top) {
    TensorScale second = new TensorScale(TensorScale.Kind.MULTIPLIER, unit(top));
    return new QuantizedMatrix(next, m.rows(), m.cols(), m.codes(), scales, second);
  }
}
