package io.metalmarlin.runtime.load;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.BlockMatrix;
import io.metalmarlin.formats.scheme.ColumnScaled;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.Sparse24Matrix;
import io.metalmarlin.formats.scheme.TrellisMatrix;

/// Refuses packed matrices with scales that are no finite numbers, which kernels are not made to
/// carry. Only scales are looked at, not codes.
final class FiniteScales {
  private FiniteScales() {}

  /// @throws MarlinException `NON_FINITE` naming the first bad group
  static void require(String stem, PackedMatrix matrix) {
    switch (matrix) {
      case QuantizedMatrix m -> require(stem, m);
      case Sparse24Matrix m -> require(stem, m.values());
      case TrellisMatrix m -> require(stem, m.symbols());
      case ColumnScaled m -> require(stem, m.matrix());
      // Scales lie among the codes; the decoder's products show them, and a proof would.
      case BlockMatrix m -> {}
    }
  }

  private static void require(String stem, QuantizedMatrix m) {
    ScaleType type = m.scheme().scaleType();
    long count = m.scales().byteSize() / type.bytes();
    boolean biased = m.scheme().zero() == GroupScheme.Zero.BIAS;
    for (long i = 0; i < count; i++) {
      int code = type.code(m.scales(), i);
      boolean finite = Float.isFinite(m.tensorScale().effective(m.scheme().scaleValue(code)));
      if (finite && biased) {
        code = type.code(java.util.Objects.requireNonNull(m.zeros()), i);
        finite = Float.isFinite(type.value(code));
      }
      if (!finite) {
        throw new MarlinException(
            ErrorCode.NON_FINITE,
            stem,
            "row %d, group %d: scale code 0x%02x with tensor scale %s is not finite"
                .formatted(
                    i / m.groups() * m.groupRows(), i % m.groups(), code, m.tensorScale().value()),
            "The checkpoint is damaged or was written by a broken quantizer; make it again.");
      }
    }
  }
}
