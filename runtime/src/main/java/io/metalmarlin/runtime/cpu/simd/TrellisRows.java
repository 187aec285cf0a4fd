package io.metalmarlin.runtime.cpu.simd;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TrellisMatrix;
import io.metalmarlin.formats.scheme.TrellisScheme;
import java.lang.foreign.MemorySegment;

/// Decodes rows of a trellis, each faster where it follows the one before: a state loses its lowest
/// symbol and takes in one. Work memory of one thread.
final class TrellisRows {
  private static final float[] VALUES = TrellisScheme.values();

  private final QuantizedMatrix m;
  private final TrellisScheme scheme;
  private final int[] states;
  private final byte[] packed;
  private final float[] scales;
  private final float[] zeros;
  private int next = -1;

  TrellisRows(TrellisMatrix matrix) {
    this.m = matrix.symbols();
    this.scheme = matrix.scheme();
    this.states = new int[m.cols()];
    // One byte more, so that every symbol can be read from two.
    this.packed = new byte[m.codeStride() + 1];
    this.scales = new float[m.groups()];
    this.zeros = new float[m.groups()];
  }

  void decode(int row, float[] out) {
    int tile = row / TrellisScheme.TILE_ROWS * TrellisScheme.TILE_ROWS;
    int height = Math.min(TrellisScheme.TILE_ROWS, m.rows() - tile);
    int known = row == next && row != tile ? scheme.span() - 1 : 0;
    for (int i = known; i < scheme.span(); i++) {
      take(tile + (row - tile + i) % height);
    }
    next = row + 1;
    GroupRows.parameters(m, row, scales, zeros);
    int size = m.groupSize();
    for (int g = 0; g < scales.length; g++) {
      float scale = scales[g];
      for (int c = g * size; c < Math.min(out.length, (g + 1) * size); c++) {
        out[c] = VALUES[states[c]] * scale;
      }
    }
  }

  private void take(int row) {
    MemorySegment.copy(
        m.codes(), JAVA_BYTE, (long) row * m.codeStride(), packed, 0, m.codeStride());
    int bits = scheme.bits();
    int mask = (1 << bits) - 1;
    int top = TrellisScheme.STATE_BITS - bits;
    for (int c = 0; c < states.length; c++) {
      int bit = c * bits;
      int two = packed[bit >> 3] & 0xff | (packed[(bit >> 3) + 1] & 0xff) << 8;
      states[c] = states[c] >> bits | (two >> (bit & 7) & mask) << top;
    }
  }
}
