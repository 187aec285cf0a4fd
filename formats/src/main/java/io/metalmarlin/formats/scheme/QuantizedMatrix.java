package io.metalmarlin.formats.scheme;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/// Codes and scale codes of one `rows x cols` matrix (or of a run of its rows), free of any file
/// layout: what a solver makes and a packing stores.
///
/// @param codes row-major, `codeBits` each, least significant bits first, every row starting on a
///   byte: for 4-bit codes byte `j` of a row holds column `2j` in its low and `2j+1` in its high
///   nibble
/// @param scales one scale code of the scheme's scale type per group, groups row-major
/// @param tensorScale second level, shared by all rows
/// @param zeros one zero point (a byte) or bias (of the scale type) per group; null where the
///   scheme has neither
/// @param groupIndex little-endian int32 per column: the group it belongs to, where groups are not
///   runs of columns (`act_order` of GPTQ); null where they are
public record QuantizedMatrix(
    GroupScheme scheme,
    int rows,
    int cols,
    MemorySegment codes,
    MemorySegment scales,
    TensorScale tensorScale,
    @Nullable MemorySegment zeros,
    @Nullable MemorySegment groupIndex)
    implements PackedMatrix {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  public QuantizedMatrix {
    requireBytes("code", codes, codeBytes(scheme, rows, cols));
    requireBytes("scale", scales, scaleBytes(scheme, rows, cols));
    if (scheme.zero() == GroupScheme.Zero.NONE != (zeros == null)) {
      throw new IllegalArgumentException(scheme.name() + " with zeros " + zeros);
    }
    if (zeros != null) {
      requireBytes("zero", zeros, zeroBytes(scheme, rows, cols));
    }
    if (groupIndex != null) {
      requireBytes("group index", groupIndex, 4L * cols);
    }
  }

  /// A matrix of a scheme without zeros, in groups of consecutive columns.
  public QuantizedMatrix(
      GroupScheme scheme,
      int rows,
      int cols,
      MemorySegment codes,
      MemorySegment scales,
      TensorScale tensorScale) {
    this(scheme, rows, cols, codes, scales, tensorScale, null, null);
  }

  /// Bytes of all codes.
  public static long codeBytes(GroupScheme scheme, int rows, int cols) {
    return (long) rows * Math.ceilDiv((long) cols * scheme.codeBits(), 8L);
  }

  /// Bytes of all scales.
  public static long scaleBytes(GroupScheme scheme, int rows, int cols) {
    return groupCount(scheme, rows, cols) * scheme.scaleType().bytes();
  }

  /// Bytes of all zero points or biases; 0 for a scheme that has neither.
  public static long zeroBytes(GroupScheme scheme, int rows, int cols) {
    long groups = groupCount(scheme, rows, cols);
    return switch (scheme.zero()) {
      case NONE -> 0;
      case POINT -> groups;
      case BIAS -> groups * scheme.scaleType().bytes();
    };
  }

  private static long groupCount(GroupScheme scheme, int rows, int cols) {
    int height = Math.min(rows, scheme.groupRows());
    int width = Math.min(cols, scheme.groupSize());
    return (long) Math.ceilDiv(rows, height) * Math.ceilDiv(cols, width);
  }

  /// The same codes and scales under another second level.
  ///
  /// @param other a grid with the same codes and scales
  public QuantizedMatrix withTensorScale(GroupScheme other, TensorScale scale) {
    return new QuantizedMatrix(other, rows, cols, codes, scales, scale, zeros, groupIndex);
  }

  /// Bytes of one row of codes.
  public int codeStride() {
    return Math.ceilDiv(cols * scheme.codeBits(), 8);
  }

  /// Columns of one group; all of them for a scheme with one group a row.
  public int groupSize() {
    return Math.min(cols, scheme.groupSize());
  }

  /// Rows of one group.
  public int groupRows() {
    return Math.min(rows, scheme.groupRows());
  }

  /// Groups side by side.
  public int groups() {
    return Math.ceilDiv(cols, groupSize());
  }

  /// The group of a column.
  public int group(int col) {
    return groupIndex == null ? col / groupSize() : groupIndex.get(INT, 4L * col);
  }

  /// The code at a place; a code of any width up to 8 bits touches at most two bytes.
  public int code(int row, int col) {
    int width = scheme.codeBits();
    long bit = (long) col * width;
    long at = (long) row * codeStride() + bit / 8;
    int shift = (int) (bit % 8);
    int bits = codes.get(JAVA_BYTE, at) & 0xff;
    if (shift + width > 8) {
      bits |= (codes.get(JAVA_BYTE, at + 1) & 0xff) << 8;
    }
    return bits >>> shift & (1 << width) - 1;
  }

  /// The bits of a group's scale, unsigned.
  public int scaleCode(int row, int group) {
    return scheme.scaleType().code(scales, place(row, group));
  }

  /// The zero point of a group.
  ///
  /// @throws NullPointerException for a scheme without zeros
  public int zeroPoint(int row, int group) {
    return java.util.Objects.requireNonNull(zeros).get(JAVA_BYTE, place(row, group)) & 0xff;
  }

  /// The bits of a group's bias.
  ///
  /// @throws NullPointerException for a scheme without zeros
  public int biasCode(int row, int group) {
    return scheme.scaleType().code(java.util.Objects.requireNonNull(zeros), place(row, group));
  }

  /// Stores a code; the place must hold 0 before.
  public void putCode(int row, int col, int code) {
    long bit = (long) col * scheme.codeBits();
    long at = (long) row * codeStride() + bit / 8;
    int shifted = code << (int) (bit % 8);
    codes.set(JAVA_BYTE, at, (byte) (codes.get(JAVA_BYTE, at) | shifted));
    if (shifted > 0xff) {
      codes.set(JAVA_BYTE, at + 1, (byte) (codes.get(JAVA_BYTE, at + 1) | shifted >>> 8));
    }
  }

  /// Stores a group's scale code and, for a scheme that has them, its zero point or bias.
  public void putGroup(int row, int group, int scale, int zero) {
    scheme.scaleType().put(scales, place(row, group), scale);
    if (zeros != null && scheme.zero() == GroupScheme.Zero.POINT) {
      zeros.set(JAVA_BYTE, place(row, group), (byte) zero);
    } else if (zeros != null) {
      scheme.scaleType().put(zeros, place(row, group), zero);
    }
  }

  private long place(int row, int group) {
    return (long) (row / groupRows()) * groups() + group;
  }

  /// The rows `[from, to)` as a view of the same memory; whole groups of rows.
  public QuantizedMatrix rows(int from, int to) {
    int height = groupRows();
    if (from % height != 0 || to % height != 0 && to != rows) {
      throw new IllegalArgumentException("rows " + from + " to " + to + " cut a group");
    }
    long first = (long) (from / height) * groups();
    long count = (long) Math.ceilDiv(to - from, height) * groups();
    int scaleWidth = scheme.scaleType().bytes();
    int zeroWidth = scheme.zero() == GroupScheme.Zero.POINT ? 1 : scaleWidth;
    return new QuantizedMatrix(
        scheme,
        to - from,
        cols,
        codes.asSlice((long) from * codeStride(), (long) (to - from) * codeStride()),
        scales.asSlice(first * scaleWidth, count * scaleWidth),
        tensorScale,
        zeros == null ? null : zeros.asSlice(first * zeroWidth, count * zeroWidth),
        groupIndex);
  }

  @Override
  public void decode(int fromRow, int toRow, float[] out) {
    MatrixDecoder.decode(this, fromRow, toRow, out);
  }

  private static void requireBytes(String what, MemorySegment given, long expected) {
    if (given.byteSize() != expected) {
      throw new IllegalArgumentException(
          "%d %s bytes are needed, %d are there".formatted(expected, what, given.byteSize()));
    }
  }
}
