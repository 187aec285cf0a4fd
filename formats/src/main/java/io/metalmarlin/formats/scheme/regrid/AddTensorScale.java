package io.metalmarlin.formats.scheme.regrid;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import java.lang.foreign.SegmentAllocator;
import java.util.Optional;

/// NVFP4 without a second level has the neutral one.
final class AddTensorScale implements Rule {
  private static final TensorScale NEUTRAL = new TensorScale(TensorScale.Kind.MULTIPLIER, 1f);

  @Override
  public Optional<GroupScheme> next(GroupScheme from, GroupScheme to) {
    return from.equals(Nvfp4Scheme.SINGLE_LEVEL) && to.equals(Nvfp4Scheme.INSTANCE)
        ? Optional.of(to)
        : Optional.empty();
  }

  @Override
  public boolean always(GroupScheme from, GroupScheme next) {
    return true;
  }

  @Override
  public Optional<QuantizedMatrix> apply(
      QuantizedMatrix m, GroupScheme next, SegmentAllocator memory) {
    return Optional.of(
        new QuantizedMatrix(next, m.rows(), m.cols(), m.codes(), m.scales(), NEUTRAL));
  }
}
