package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;

/// An IQ type of vectors taken apart: points of one grid, four-bit scales that stand for odd
/// multiples of half a unit of the block's step, no mins. What is left to a type is where its block
/// keeps things.
abstract class VectorForm implements PointForm {
  private final DType type;
  private final Grid grid;
  private final int run;
  private final int evenSigns;
  private final float unit;

  /// @param unit a power of two: scale code c means `step * (c + 1/2) * unit`
  VectorForm(DType type, Grid grid, int run, int evenSigns, float unit) {
    this.type = type;
    this.grid = grid;
    this.run = run;
    this.evenSigns = evenSigns;
    this.unit = unit;
  }

  /// The code of the scale of run `run` of the block at `b[o ..]`.
  abstract int scaleCode(byte[] b, int o, int run);

  @Override
  public final DType type() {
    return type;
  }

  @Override
  public final int run() {
    return run;
  }

  @Override
  public final int width() {
    return grid.width();
  }

  @Override
  public final int points() {
    return grid.points();
  }

  @Override
  public final int evenSigns() {
    return evenSigns;
  }

  @Override
  public final int magnitude(int point, int index) {
    return grid.value(point, index);
  }

  @Override
  public final int leastScale() {
    return 0;
  }

  @Override
  public final int greatestScale() {
    return 15;
  }

  @Override
  public final int greatestMin() {
    return 0;
  }

  @Override
  public final float scale(float step, int code) {
    return step * (.5f + code) * unit;
  }

  @Override
  public final double scaleCode(float step, float scale) {
    return Math.rint((double) scale / step / unit - .5);
  }

  @Override
  public final void readScales(byte[] b, int o, BlockNumbers to) {
    to.step = Bytes.half(b, o);
    to.minStep = 0;
    for (int g = 0; g < to.scales.length; g++) {
      to.scales[g] = scaleCode(b, o, g);
      to.mins[g] = 0;
    }
  }

  /// Two scale codes to a byte, the earlier one in the lower half; the bytes hold 0.
  static void putNibbles(int[] scales, byte[] b, int o) {
    for (int g = 0; g < scales.length; g++) {
      b[o + g / 2] |= (byte) (scales[g] << 4 * (g & 1));
    }
  }

  /// Code number `run` of [#putNibbles].
  static int nibble(byte[] b, int o, int run) {
    return b[o + run / 2] >> 4 * (run & 1) & 15;
  }

  /// The signs of eight codes from number `c` on without the last one, which makes the number of
  /// negative ones even.
  ///
  /// @throws IllegalArgumentException when it does not
  static int sevenSigns(byte[] codes, int c) {
    int signs = PointForm.signs(codes, c, 8);
    if (signs != Grid.signs(signs)) {
      throw new IllegalArgumentException("weights " + c + " to " + (c + 7) + ": odd signs");
    }
    return signs & 127;
  }

  /// A scale code above the signs of its 32 weights, seven bits for eight of them.
  static int signWord(BlockNumbers from, int run) {
    int word = from.scales[run] << 28;
    for (int l = 0; l < 4; l++) {
      word |= sevenSigns(from.codes, 32 * run + 8 * l) << 7 * l;
    }
    return word;
  }
}
