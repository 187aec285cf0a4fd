package io.metalmarlin.formats.scheme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Codes and scale codes of one `rows x cols` matrix (or of a run of its rows), free of any file
/// layout: the only thing between a solver and a packing.
///
/// @param codes row-major, `codeBits` each, least significant bits first, every row starting on a
///   byte: for 4-bit codes byte `j` of a row holds column `2j` in its low and `2j+1` in its high
///   nibble
/// @param scales row-major, one byte per group, `ceil(cols / groupSize)` a row
/// @param tensorScale second level, shared by all rows
public record QuantizedMatrix(
    Scheme scheme,
    int rows,
    int cols,
    MemorySegment codes,
    MemorySegment scales,
    TensorScale tensorScale) {
  public QuantizedMatrix {
    long codeBytes = (long) rows * Math.ceilDiv(cols * scheme.codeBits(), 8);
    long scaleBytes = (long) rows * Math.ceilDiv(cols, scheme.groupSize());
    if (codes.byteSize() != codeBytes || scales.byteSize() != scaleBytes) {
      throw new IllegalArgumentException(
          "%s %dx%d needs %d code and %d scale bytes, got %d and %d"
              .formatted(
                  scheme.name(),
                  rows,
                  cols,
                  codeBytes,
                  scaleBytes,
                  codes.byteSize(),
                  scales.byteSize()));
    }
  }

  /// Bytes of one row of codes.
  public int codeStride() {
    return Math.ceilDiv(cols * scheme.codeBits(), 8);
  }

  /// Scale bytes of one row.
  public int groups() {
    return Math.ceilDiv(cols, scheme.groupSize());
  }

  /// The rows `[from, to)` as a view of the same memory.
  public QuantizedMatrix rows(int from, int to) {
    return new QuantizedMatrix(
        scheme,
        to - from,
        cols,
        codes.asSlice((long) from * codeStride(), (long) (to - from) * codeStride()),
        scales.asSlice((long) from * groups(), (long) (to - from) * groups()),
        tensorScale);
  }

  /// The unsigned scale code of a group.
  public int scaleCode(int row, int group) {
    return scales.get(ValueLayout.JAVA_BYTE, (long) row * groups() + group) & 0xff;
  }
}
