package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;

/// IQ3_XXS taken apart; see [Iq3XxsCodec].
final class Iq3XxsForm implements PointForm {
  @Override
  public DType type() {
    return DType.IQ3_XXS;
  }

  @Override
  public int run() {
    return 32;
  }

  @Override
  public int width() {
    return 4;
  }

  @Override
  public int points() {
    return 256;
  }

  @Override
  public int evenSigns() {
    return 8;
  }

  @Override
  public int magnitude(int point, int index) {
    return Grid.IQ3_XXS.value(point, index);
  }

  @Override
  public int leastScale() {
    return 0;
  }

  @Override
  public int greatestScale() {
    return 15;
  }

  @Override
  public int greatestMin() {
    return 0;
  }

  @Override
  public float scale(float step, int code) {
    return step * (0.5f + code) * 0.5f;
  }

  @Override
  public double scaleCode(float step, float scale) {
    return Math.rint((double) scale / step * 2 - 0.5);
  }

  @Override
  public void readScales(byte[] b, int o, BlockNumbers to) {
    to.step = Bytes.half(b, o);
    to.minStep = 0;
    for (int g = 0; g < 8; g++) {
      to.scales[g] = Bytes.i32(b, o + 66 + 4 * g) >>> 28;
      to.mins[g] = 0;
    }
  }

  @Override
  public void write(BlockNumbers from, byte[] b, int o) {
    Bytes.putHalf(b, o, from.step);
    for (int v = 0; v < 64; v++) {
      b[o + 2 + v] = (byte) PointForm.point(from.codes, 4 * v);
    }
    for (int g = 0; g < 8; g++) {
      Bytes.putI32(b, o + 66 + 4 * g, PointForm.signWord(from, g));
    }
  }
}
