package io.metalmarlin.formats.scheme.mlx;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.tensor.DType;
import java.util.List;

/// Shapes that the MLX layouts share. Words are little-endian, so their bytes are the stream of
/// codes that [io.metalmarlin.formats.scheme.QuantizedMatrix] holds.
final class MlxPlanes {
  private static final int WORD_BITS = 32;

  private MlxPlanes() {}

  /// `weight` U32 `[rows, cols * bits / 32]`.
  ///
  /// @throws MarlinException `NOT_DIVISIBLE` unless a row is whole groups
  static Plane codes(String layout, GroupScheme scheme, int rows, int cols) {
    if (cols % scheme.groupSize() != 0) {
      throw new MarlinException(
          ErrorCode.NOT_DIVISIBLE,
          layout,
          "input %d is not a multiple of %d (MLX group)".formatted(cols, scheme.groupSize()),
          "Leave the module out with --ignore, or choose a smaller group size.");
    }
    long words = (long) cols * scheme.codeBits() / WORD_BITS;
    return new Plane("weight", DType.U32, List.of((long) rows, words));
  }

  /// One scale or bias a group.
  static Plane perGroup(String suffix, DType type, GroupScheme scheme, int rows, int cols) {
    return new Plane(suffix, type, List.of((long) rows, (long) cols / scheme.groupSize()));
  }
}
