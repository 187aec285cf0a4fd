package io.metalmarlin.formats.scheme.gptq;

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
import java.lang.foreign.MemorySegment;
import java.util.List;

/// AWQ in version `gemv`: `qweight` I32 `[out, in/8]` in natural order, so its bytes are the codes;
/// `qzeros` I32 `[out, w]` and `scales` `[out, 8w]`, one per group, padded with zeros to `w` words.
/// A row of zero points is a whole number of words, and of two or four of them for groups of 64 and
/// 32, as the kernel reads them.
///
/// Source: AutoAWQ `gemv.py`.
///
/// @param scheme 4 bits, symmetric or with zero points, in groups of 32, 64 or at least 128
public record AwqGemvPacking(IntScheme scheme) implements GroupPacking {
  public AwqGemvPacking {
    if (!canHold(scheme)) {
      throw new IllegalArgumentException("AWQ gemv has no layout for " + scheme.name());
    }
  }

  /// Whether the format has that grid.
  public static boolean canHold(IntScheme scheme) {
    int group = scheme.groupSize();
    return AwqPacking.canHold(scheme) && (group == 32 || group == 64 || group >= 128);
  }

  @Override
  public String name() {
    return "awq-gemv-" + scheme.name();
  }

  @Override
  public Profile profile() {
    return new IntProfile(scheme, 0);
  }

  private int groups(int cols) {
    return cols / Math.min(cols, scheme.groupSize());
  }

  /// Words of a row of zero points.
  private int width(int cols) {
    int group = Math.min(cols, scheme.groupSize());
    int words = Math.ceilDiv(groups(cols), 8);
    int together = group >= 128 ? 1 : 128 / Math.max(32, group);
    return Math.ceilDiv(words, together) * together;
  }

  /// @throws MarlinException `NOT_DIVISIBLE` unless an input is whole groups and whole words
  @Override
  public List<Plane> planes(int rows, int cols) {
    Divisible.require(name(), "input", cols, scheme.columnMultiple(), "AWQ group");
    Divisible.require(name(), "input", cols, 8, "AWQ word");
    long width = width(cols);
    return List.of(
        new Plane("qweight", DType.I32, List.of((long) rows, cols / 8L)),
        new Plane("qzeros", DType.I32, List.of((long) rows, width)),
        new Plane("scales", scheme.scaleType().dtype(), List.of((long) rows, 8 * width)));
  }

  /// @throws MarlinException `TARGET_CANNOT` for a zero point beyond 15, and for groups in the
  ///   order of activation
  @Override
  public void encode(QuantizedMatrix m, List<MemorySegment> planes) {
    if (m.groupIndex() != null) {
      throw new MarlinException(
          ErrorCode.TARGET_CANNOT,
          name(),
          "the groups are in the order of activation, AWQ has runs of inputs",
          "Choose gptq or compressed-tensors as the target.");
    }
    int groups = m.groups();
    int width = width(m.cols());
    int bytes = scheme.scaleType().bytes();
    planes.get(0).copyFrom(m.codes());
    planes.get(1).fill((byte) 0);
    planes.get(2).fill((byte) 0);
    for (int row = 0; row < m.rows(); row++) {
      MemorySegment.copy(
          m.scales(),
          (long) row * groups * bytes,
          planes.get(2),
          8L * row * width * bytes,
          (long) groups * bytes);
      for (int group = 0; group < groups; group++) {
        int zero = scheme.zero() == Zero.NONE ? scheme.offset() : m.zeroPoint(row, group);
        if (zero < 0 || zero > 15) {
          throw new MarlinException(
              ErrorCode.TARGET_CANNOT,
              "qzeros",
              "the zero point of output %d, group %d is %d; AWQ stores 0 to 15"
                  .formatted(row, group, zero),
              "Choose another target, for example compressed-tensors or MLX.");
        }
        long at = 4L * row * width + group / 2;
        int both = planes.get(1).get(JAVA_BYTE, at) | zero << 4 * (group % 2);
        planes.get(1).set(JAVA_BYTE, at, (byte) both);
      }
    }
  }

  /// Codes are a view.
  ///
  /// @throws MarlinException `TENSOR_MISMATCH` for zero points that contradict a symmetric scheme
  @Override
  public QuantizedMatrix decode(List<MemorySegment> planes, int rows, int cols) {
    int groups = groups(cols);
    int width = width(cols);
    int bytes = scheme.scaleType().bytes();
    boolean symmetric = scheme.zero() == Zero.NONE;
    MemorySegment scales = GptqPacking.memory((long) rows * groups * bytes, 64);
    byte[] points = new byte[symmetric ? 0 : rows * groups];
    for (int row = 0; row < rows; row++) {
      MemorySegment.copy(
          planes.get(2),
          8L * row * width * bytes,
          scales,
          (long) row * groups * bytes,
          (long) groups * bytes);
      for (int group = 0; group < groups; group++) {
        int both = planes.get(1).get(JAVA_BYTE, 4L * row * width + group / 2);
        int zero = both >> 4 * (group % 2) & 15;
        if (symmetric && zero != scheme.offset()) {
          throw new MarlinException(
              ErrorCode.TENSOR_MISMATCH,
              "qzeros",
              "holds zero point %d for output %d, group %d; the configuration says symmetric, that is %d"
                  .formatted(zero, row, group, scheme.offset()),
              "If the stored zero points are right, set \"zero_point\" to true in the"
                  + " quantization_config.");
        }
        if (!symmetric) {
          points[row * groups + group] = (byte) zero;
        }
      }
    }
    return new QuantizedMatrix(
        scheme,
        rows,
        cols,
        planes.get(0),
        scales,
        TensorScale.NONE,
        symmetric ? null : MemorySegment.ofArray(points),
        null);
  }
}
