package io.metalmarlin.formats.scheme.integer;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// ModelOpt's INT4 (`W4A16_AWQ`): `weight` U8 `[out/2, in]`, a byte holding one column of two rows,
/// the even row in its low nibble, both in two's complement; `weight_scale` `[out, groups]`.
///
/// @param scheme of 4 bits without zeros
public record ModelOptInt4(IntScheme scheme) implements GroupPacking {
  public ModelOptInt4 {
    if (scheme.bits() != 4 || scheme.zero() != Zero.NONE) {
      throw new IllegalArgumentException(scheme.name());
    }
  }

  @Override
  public String name() {
    return "modelopt-" + scheme.name();
  }

  @Override
  public Profile profile() {
    return new ModelOptIntProfile(scheme);
  }

  /// @throws MarlinException `NOT_DIVISIBLE` for an odd number of rows or a cut group
  @Override
  public List<Plane> planes(int rows, int cols) {
    if (rows % 2 != 0) {
      throw new MarlinException(
          ErrorCode.NOT_DIVISIBLE,
          name(),
          "output " + rows + " is odd, a byte holds two rows",
          "Leave the module out with --ignore.");
    }
    long groups = PackQuantized.groups(scheme, name(), cols);
    return List.of(
        new Plane("weight", DType.U8, List.of(rows / 2L, (long) cols)),
        new Plane("weight_scale", scheme.scaleType().dtype(), List.of((long) rows, groups)));
  }

  @Override
  public void encode(QuantizedMatrix matrix, List<MemorySegment> planes) {
    for (int row = 0; row < matrix.rows(); row += 2) {
      long at = (long) (row / 2) * matrix.cols();
      for (int col = 0; col < matrix.cols(); col++) {
        int pair = matrix.code(row, col) | matrix.code(row + 1, col) << 4;
        planes.getFirst().set(JAVA_BYTE, at + col, (byte) (pair ^ 0x88));
      }
    }
    planes.get(1).copyFrom(matrix.scales());
  }

  /// The scales are a view, the codes a copy.
  @Override
  public QuantizedMatrix decode(List<MemorySegment> planes, int rows, int cols) {
    MemorySegment pairs = planes.getFirst();
    long stride = QuantizedMatrix.codeBytes(scheme, 1, cols);
    MemorySegment codes = Arena.ofAuto().allocate(rows * stride);
    for (int row = 0; row < rows; row += 2) {
      long from = (long) (row / 2) * cols;
      for (int col = 0; col < cols; col += 2) {
        int left = (pairs.get(JAVA_BYTE, from + col) & 0xff) ^ 0x88;
        int right = col + 1 == cols ? 0 : (pairs.get(JAVA_BYTE, from + col + 1) & 0xff) ^ 0x88;
        codes.set(JAVA_BYTE, row * stride + col / 2, (byte) (left & 15 | right << 4));
        codes.set(JAVA_BYTE, (row + 1) * stride + col / 2, (byte) (left >> 4 | right & 0xf0));
      }
    }
    return new QuantizedMatrix(scheme, rows, cols, codes, planes.get(1), TensorScale.NONE);
  }
}
