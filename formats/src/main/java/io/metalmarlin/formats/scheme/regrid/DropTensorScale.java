package io.metalmarlin.formats.scheme.regrid;

import io.metalmarlin.formats.number.E4M3;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Optional;

/// NVFP4 with its second level folded into the group scales, where E4M3 has every product. A group
/// of zeros may keep any scale.
final class DropTensorScale implements Rule {
  @Override
  public Optional<GroupScheme> next(GroupScheme from, GroupScheme to) {
    return from.equals(Nvfp4Scheme.INSTANCE) && to.equals(Nvfp4Scheme.SINGLE_LEVEL)
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
    if (m.tensorScale().value() == 1f) {
      return Optional.of(of(m, next, m.scales()));
    }
    int[] folded = new int[256];
    boolean[] exact = new boolean[256];
    for (int code = 0; code < 256; code++) {
      float wanted = m.tensorScale().effective(E4M3.value(code));
      if (Float.isFinite(wanted) && wanted >= 0) {
        folded[code] = E4M3.nearest(wanted);
        exact[code] = E4M3.value(folded[code]) == wanted;
      }
    }
    MemorySegment scales = memory.allocate(m.scales().byteSize());
    for (long i = 0; i < scales.byteSize(); i++) {
      int code = ScaleType.E4M3.code(m.scales(), i);
      if (!exact[code] && !Grids.empty(m, i)) {
        return Optional.empty();
      }
      ScaleType.E4M3.put(scales, i, folded[code]);
    }
    return Optional.of(of(m, next, scales));
  }

  private static QuantizedMatrix of(QuantizedMatrix m, GroupScheme next, MemorySegment scales) {
    return new QuantizedMatrix(next, m.rows(), m.cols(), m.codes(), scales, TensorScale.NONE);
  }
}
