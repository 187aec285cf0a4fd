package io.metalmarlin.runtime.cpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import java.lang.foreign.MemorySegment;

/// Decodes rows of codes in groups: the numbers of [io.metalmarlin.formats.scheme.MatrixDecoder],
/// bit for bit, from a table of the grid's values. Work memory of one thread.
final class GroupRows {
  private final QuantizedMatrix m;
  private final GroupScheme scheme;
  private final float[] values;
  private final byte[] packed;
  private final float[] scales;
  private final float[] zeros;
  private final int[] groupOf;

  GroupRows(QuantizedMatrix m) {
    this.m = m;
    this.scheme = m.scheme();
    this.values = new float[1 << scheme.codeBits()];
    for (int code = 0; code < values.length; code++) {
      values[code] = scheme.value(code);
    }
    // One byte more, so that every code can be read from two.
    this.packed = new byte[m.codeStride() + 1];
    this.scales = new float[m.groups()];
    this.zeros = new float[m.groups()];
    this.groupOf = m.groupIndex() == null ? new int[0] : new int[m.cols()];
    for (int c = 0; c < groupOf.length; c++) {
      groupOf[c] = m.group(c);
    }
  }

  /// Decodes one row to `out`, from index `at` on.
  void decode(int row, float[] out, int at) {
    parameters(m, row, scales, zeros);
    MemorySegment.copy(
        m.codes(), JAVA_BYTE, (long) row * m.codeStride(), packed, 0, m.codeStride());
    unpack(out, at);
    if (groupOf.length > 0) {
      for (int c = 0; c < groupOf.length; c++) {
        apply(out, at + c, at + c + 1, scales[groupOf[c]], zeros[groupOf[c]]);
      }
      return;
    }
    int size = m.groupSize();
    for (int g = 0; g < scales.length; g++) {
      apply(out, at + g * size, at + Math.min(m.cols(), (g + 1) * size), scales[g], zeros[g]);
    }
  }

  /// Scales and zeros of a row's groups as numbers; a zero is 0 where the scheme has none.
  static void parameters(QuantizedMatrix m, int row, float[] scales, float[] zeros) {
    GroupScheme scheme = m.scheme();
    for (int g = 0; g < m.groups(); g++) {
      scales[g] = m.tensorScale().effective(scheme.scaleValue(m.scaleCode(row, g)));
    }
    switch (scheme.zero()) {
      case NONE -> {}
      case POINT -> {
        for (int g = 0; g < m.groups(); g++) {
          zeros[g] = m.zeroPoint(row, g);
        }
      }
      case BIAS -> {
        for (int g = 0; g < m.groups(); g++) {
          zeros[g] = scheme.scaleValue(m.biasCode(row, g));
        }
      }
    }
  }

  private void unpack(float[] out, int at) {
    int cols = m.cols();
    int bits = scheme.codeBits();
    switch (bits) {
      case 8 -> {
        for (int c = 0; c < cols; c++) {
          out[at + c] = values[packed[c] & 0xff];
        }
      }
      case 4 -> {
        for (int c = 0; c < cols; c++) {
          out[at + c] = values[packed[c >> 1] >> ((c & 1) << 2) & 15];
        }
      }
      default -> {
        int mask = values.length - 1;
        for (int c = 0; c < cols; c++) {
          int bit = c * bits;
          int two = packed[bit >> 3] & 0xff | (packed[(bit >> 3) + 1] & 0xff) << 8;
          out[at + c] = values[two >> (bit & 7) & mask];
        }
      }
    }
  }

  private void apply(float[] out, int from, int to, float scale, float zero) {
    switch (scheme.zero()) {
      case NONE -> {
        for (int c = from; c < to; c++) {
          out[c] = out[c] * scale;
        }
      }
      case POINT -> {
        for (int c = from; c < to; c++) {
          out[c] = (out[c] - zero) * scale;
        }
      }
      case BIAS -> {
        for (int c = from; c < to; c++) {
          out[c] = out[c] * scale + zero;
        }
      }
    }
  }
}
