package io.metalmarlin.formats.scheme.regrid;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import java.util.Optional;

/// A zero point as the bias `-point * scale`, where the scale type has that number.
final class PointAsBias implements Rule {
  @Override
  public Optional<GroupScheme> next(GroupScheme from, GroupScheme to) {
    return from.zero() == Zero.POINT && to.zero() == Zero.BIAS
        ? Grids.with(from, Zero.BIAS)
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
    for (int row = 0; row < m.rows(); row += m.groupRows()) {
      for (int group = 0; group < m.groups(); group++) {
        int code = m.scaleCode(row, group);
        float scale = type.value(code);
        float bias = -m.zeroPoint(row, group) * scale;
        if (!Affine.exact(scale, next.codeBits()) || type.value(type.nearest(bias)) != bias) {
          return Optional.empty();
        }
        // A sum of -0 and 0 is 0, as (code - point) * scale is for the code that is the point.
        out.putGroup(row, group, code, type.nearest(bias == 0 ? 0f : bias));
      }
    }
    return Optional.of(out);
  }
}
