package io.metalmarlin.formats.scheme.regrid;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import java.util.Optional;

/// A bias as the zero point `-bias / scale`, where that is a code.
final class BiasAsPoint implements Rule {
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
  public Optional<QuantizedMatrix> apply(QuantizedMatrix m, GroupScheme next) {
    QuantizedMatrix out = Grids.fresh(m, next);
    ScaleType type = next.scaleType();
    int largest = (1 << next.codeBits()) - 1;
    for (int row = 0; row < m.rows(); row += m.groupRows()) {
      for (int group = 0; group < m.groups(); group++) {
        int code = m.scaleCode(row, group);
        float scale = type.value(code);
        float bias = type.value(m.biasCode(row, group));
        float point = scale == 0 && bias == 0 ? 0 : -bias / scale;
        boolean integer = point == (int) point && point >= 0 && point <= largest;
        if (!integer || -point * scale != bias || !Affine.exact(scale, next.codeBits())) {
          return Optional.empty();
        }
        out.putGroup(row, group, code, (int) point);
      }
    }
    return Optional.of(out);
  }
}
