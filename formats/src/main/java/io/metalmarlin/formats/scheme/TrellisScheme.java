package io.metalmarlin.formats.scheme;

/// A trellis code: the value of a weight depends on its own symbol of 2 to 4 bits and on those of
/// the rows below it in the same column, so that neighbours share what a symbol says. At the same
/// rate it errs by about 40 % less than the best scalar codebook (Marcellin and Fischer, "Trellis
/// coded quantization", 1990; the shift register with a random code is that of Mao and others).
///
/// Rows are cut into tiles of [#TILE_ROWS]. In a tile with T rows the state of row i of a column is
/// the number whose bits are the symbols of the rows `i, i + 1, ...` (modulo T), least significant
/// first, [#STATE_BITS] of them; the weight is [#value] of the state times the scale of its group.
///
/// @param bits of a symbol, 2, 3 or 4
/// @param groupSize columns that share a scale, or [GroupScheme#WHOLE] for one scale a row
/// @param scaleType F16, BF16 or F32
public record TrellisScheme(int bits, int groupSize, ScaleType scaleType) implements Scheme {
  /// Bits of a state; a multiple of every symbol's.
  public static final int STATE_BITS = 12;

  /// Rows of a tile; the last one may be shorter.
  public static final int TILE_ROWS = 256;

  /// The rows of a matrix are a multiple of this, so that no tile is shorter than a state.
  public static final int ROW_MULTIPLE = 16;

  /// What [#value] computes with: `x = state * STEP + START`, and `MIX` after the first shift.
  public static final int STEP = 0x9e3779b1;

  public static final int START = 0x7f4a7c15;
  public static final int MIX = 0x85ebca6b;

  /// Mean of the sum of four bytes.
  public static final int BYTES_MEAN = 4 * 255 / 2;

  /// The sums have this standard deviation over all states; values have 1.
  public static final float UNIT = 1 / 147.165436f;

  public TrellisScheme {
    if (bits < 2 || bits > 4 || groupSize < 1 || scaleType.bytes() == 1) {
      throw new IllegalArgumentException(
          "a trellis of %d bits, groups of %d, %s scales".formatted(bits, groupSize, scaleType));
    }
  }

  /// The value of a state, unscaled: the sum of the four bytes of a hash of it, which is nearly
  /// normally distributed, less its mean, in units of its standard deviation.
  public static float value(int state) {
    int x = state * STEP + START;
    x ^= x >>> 15;
    x *= MIX;
    x ^= x >>> 13;
    int sum = (x & 0xff) + (x >>> 8 & 0xff) + (x >>> 16 & 0xff) + (x >>> 24);
    return (sum - BYTES_MEAN) * UNIT;
  }

  /// [#value] of every state, by state.
  public static float[] values() {
    float[] values = new float[1 << STATE_BITS];
    for (int state = 0; state < values.length; state++) {
      values[state] = value(state);
    }
    return values;
  }

  /// What stores symbols and scales: a grid of as many bits in the same groups. Its own values mean
  /// nothing.
  public IntScheme symbols() {
    return new IntScheme(bits, groupSize, scaleType, GroupScheme.Zero.NONE);
  }

  /// Symbols that make a state.
  public int span() {
    return STATE_BITS / bits;
  }

  @Override
  public String name() {
    String group = groupSize == GroupScheme.WHOLE ? "channel" : "g" + groupSize;
    return "trellis" + bits + "-" + group + "-" + scaleType.name().toLowerCase();
  }

  @Override
  public int columnMultiple() {
    return symbols().columnMultiple();
  }

  @Override
  public double bitsPerWeight(int rows, int cols) {
    return symbols().bitsPerWeight(rows, cols);
  }
}
