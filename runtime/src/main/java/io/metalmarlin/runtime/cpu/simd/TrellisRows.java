package io.metalmarlin.runtime.cpu.simd;

import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TrellisMatrix;
import io.metalmarlin.formats.scheme.TrellisScheme;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// The states of rows of a trellis, each faster where it follows the one before: a state loses its
/// lowest symbol and takes in one. Work memory of one thread.
final class TrellisRows {
  private final QuantizedMatrix m;
  private final TrellisScheme scheme;
  private final int[] states;
  private final CodeStream symbols;
  private final float[] scales;
  private int next = -1;

  TrellisRows(TrellisMatrix matrix) {
    this.m = matrix.symbols();
    this.scheme = matrix.scheme();
    this.states = new int[m.cols()];
    this.symbols = new CodeStream(m);
    this.scales = new float[m.groups()];
  }

  /// The state of each column, of the row that was asked for last.
  int[] states() {
    return states;
  }

  /// The scales of its groups.
  float[] scales() {
    return scales;
  }

  /// Goes to a row.
  void advance(int row) {
    int tile = row / TrellisScheme.TILE_ROWS * TrellisScheme.TILE_ROWS;
    int height = Math.min(TrellisScheme.TILE_ROWS, m.rows() - tile);
    int known = row == next && row != tile ? scheme.span() - 1 : 0;
    for (int i = known; i < scheme.span(); i++) {
      take(symbols.row(tile + (row - tile + i) % height), scheme.bits(), states);
    }
    next = row + 1;
    GroupRows.parameters(m, row, scales, scales);
  }

  void decode(int row, float[] out) {
    advance(row);
    values(states, out);
    int size = m.groupSize();
    for (int g = 0; g < scales.length; g++) {
      scale(out, g * size, Math.min(out.length, (g + 1) * size), scales[g]);
    }
  }

  private static void take(byte[] row, int bits, int[] states) {
    int whole = states.length - states.length % CodeStream.CODES;
    for (int c = 0; c < whole; c += CodeStream.CODES) {
      IntVector.fromArray(CodeStream.I, states, c)
          .or(
              CodeStream.codes(row, c, bits)
                  .lanewise(VectorOperators.LSHL, TrellisScheme.STATE_BITS))
          .lanewise(VectorOperators.LSHR, bits)
          .intoArray(states, c);
    }
    for (int c = whole; c < states.length; c++) {
      int symbol = CodeStream.code(row, c, bits);
      states[c] = (states[c] | symbol << TrellisScheme.STATE_BITS) >>> bits;
    }
  }

  // Loops that compilers turn into vectors, each for itself.

  private static void values(int[] states, float[] out) {
    for (int c = 0; c < out.length; c++) {
      out[c] = TrellisScheme.value(states[c]);
    }
  }

  private static void scale(float[] out, int from, int to, float scale) {
    for (int c = from; c < to; c++) {
      out[c] *= scale;
    }
  }
}
