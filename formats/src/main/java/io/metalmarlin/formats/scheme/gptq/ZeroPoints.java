package io.metalmarlin.formats.scheme.gptq;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.integer.PointWords;
import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The plane `qzeros` I32 `[groups, out*bits/32]`: for each group a stream of the zero points of
/// all outputs, least significant bits first.
///
/// @param stored what is added to a zero point when it is stored: -1 in GPTQ v1, else 0
/// @param order the output, among eight, at each place of a word; null for the natural order
record ZeroPoints(IntScheme scheme, int stored, int @Nullable [] order) {
  private int middle() {
    return 1 << scheme.bits() - 1;
  }

  private int mask() {
    return (1 << scheme.bits()) - 1;
  }

  /// @param stride bytes of a group
  private PointWords words(long stride) {
    int[] places = IntStream.range(0, 32 / scheme.bits()).map(this::place).toArray();
    return new PointWords(scheme.bits(), places, 4, stride);
  }

  /// Where the code of an output lies in the stream of its group.
  private int place(int output) {
    if (order == null) {
      return output;
    }
    for (int i = 0; i < order.length; i++) {
      if (order[i] == output % order.length) {
        return output - output % order.length + i;
      }
    }
    throw new IllegalStateException("order without " + output % order.length);
  }

  /// Reads one byte per group, outputs first; empty for a symmetric scheme, whose zero points must
  /// all be the middle.
  ///
  /// @throws MarlinException `TENSOR_MISMATCH` for another zero point there, or one that no code
  ///   reaches
  @Nullable MemorySegment read(MemorySegment plane, int rows, int groups) {
    boolean symmetric = scheme.zero() == Zero.NONE;
    byte[] points = new byte[symmetric ? 0 : rows * groups];
    long stride = (long) rows * scheme.bits() / 8;
    if (!symmetric
        && PointWords.fills(scheme.bits())
        && words(stride).read(plane, stored, rows, groups, points)) {
      return MemorySegment.ofArray(points);
    }
    int[] places = new int[rows];
    for (int row = 0; row < rows; row++) {
      places[row] = place(row);
    }
    for (int group = 0; group < groups; group++) {
      if (symmetric && allMiddle(plane, group * stride, stride)) {
        continue;
      }
      for (int row = 0; row < rows; row++) {
        int point = get(plane, group * stride, places[row]) - stored;
        if (symmetric && point != middle()) {
          throw contradiction(row, group, point);
        }
        if (point > 0xff) {
          throw mismatch(
              "holds 256 as the zero point of output %d, group %d: no code of 8 bits reaches it"
                  .formatted(row, group),
              "The checkpoint was written by a faulty tool; quantize the original again.");
        }
        if (!symmetric) {
          points[row * groups + group] = (byte) point;
        }
      }
    }
    return symmetric ? null : MemorySegment.ofArray(points);
  }

  /// Writes the zero points of a matrix, or the middle for a symmetric one, into a whole plane.
  ///
  /// @throws MarlinException `TARGET_CANNOT` for a zero point that the layout cannot store
  void write(QuantizedMatrix m, MemorySegment plane) {
    if (scheme.zero() == Zero.NONE && 8 % scheme.bits() == 0) {
      plane.fill((byte) ((middle() + stored) * (0xff / mask())));
      return;
    }
    long stride = (long) m.rows() * scheme.bits() / 8;
    MemorySegment points = m.zeros();
    if (points != null
        && PointWords.fills(scheme.bits())
        && words(stride).write(points, stored, m.rows(), m.groups(), plane)) {
      return;
    }
    plane.fill((byte) 0);
    for (int row = 0; row < m.rows(); row++) {
      int place = place(row);
      for (int group = 0; group < m.groups(); group++) {
        int point = scheme.zero() == Zero.NONE ? middle() : m.zeroPoint(row, group);
        int code = point + stored;
        if (code < 0 || code > mask()) {
          throw new MarlinException(
              ErrorCode.TARGET_CANNOT,
              "qzeros",
              "the zero point of output %d, group %d is %d; this layout stores %d to %d"
                  .formatted(row, group, point, -stored, mask() - stored),
              "Choose another target, for example compressed-tensors or MLX.");
        }
        put(plane, group * stride, place, code);
      }
    }
  }

  /// Whether a run of whole words says nothing but the middle; asked only to be quick about it.
  private boolean allMiddle(MemorySegment plane, long from, long bytes) {
    if (8 % scheme.bits() != 0) {
      return false;
    }
    byte all = (byte) ((middle() + stored) * (0xff / mask()));
    for (long i = from; i < from + bytes; i++) {
      if (plane.get(JAVA_BYTE, i) != all) {
        return false;
      }
    }
    return true;
  }

  private int get(MemorySegment plane, long from, int place) {
    long bit = (long) place * scheme.bits();
    int shift = (int) (bit % 8);
    int bits = plane.get(JAVA_BYTE, from + bit / 8) & 0xff;
    if (shift + scheme.bits() > 8) {
      bits |= (plane.get(JAVA_BYTE, from + bit / 8 + 1) & 0xff) << 8;
    }
    return bits >>> shift & mask();
  }

  private void put(MemorySegment plane, long from, int place, int code) {
    long bit = (long) place * scheme.bits();
    long at = from + bit / 8;
    int shifted = code << (int) (bit % 8);
    plane.set(JAVA_BYTE, at, (byte) (plane.get(JAVA_BYTE, at) | shifted));
    if (shifted > 0xff) {
      plane.set(JAVA_BYTE, at + 1, (byte) (plane.get(JAVA_BYTE, at + 1) | shifted >>> 8));
    }
  }

  private MarlinException contradiction(int row, int group, int point) {
    return mismatch(
        "holds zero point %d for output %d, group %d; the configuration says symmetric, that is %d"
            .formatted(point, row, group, middle()),
        "Loaders differ on such files. If the stored zero points are right, set \"sym\" to false"
            + " (AWQ: \"zero_point\" to true) in the quantization_config.");
  }

  private static MarlinException mismatch(String what, String hint) {
    return new MarlinException(ErrorCode.TENSOR_MISMATCH, "qzeros", what, hint);
  }
}
