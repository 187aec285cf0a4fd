package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import java.util.Arrays;

/// IQ2_XS taken apart; see [Iq2XsCodec].
final class Iq2XsForm implements PointForm {
  @Override
  public DType type() {
    return DType.IQ2_XS;
  }

  @Override
  public int run() {
    return 16;
  }

  @Override
  public int width() {
    return 8;
  }

  @Override
  public int points() {
    return 512;
  }

  @Override
  public int evenSigns() {
    return 8;
  }

  @Override
  public int magnitude(int point, int index) {
    return Grid.IQ2_XS.value(point, index);
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
    return step * (0.5f + code) * 0.25f;
  }

  @Override
  public double scaleCode(float step, float scale) {
    return Math.rint((double) scale / step * 4 - 0.5);
  }

  @Override
  public void readScales(byte[] b, int o, BlockNumbers to) {
    to.step = Bytes.half(b, o);
    to.minStep = 0;
    for (int g = 0; g < 16; g++) {
      to.scales[g] = b[o + 66 + g / 2] >> 4 * (g & 1) & 15;
      to.mins[g] = 0;
    }
  }

  @Override
  public void write(BlockNumbers from, byte[] b, int o) {
    Arrays.fill(b, o + 66, o + 74, (byte) 0);
    Bytes.putHalf(b, o, from.step);
    for (int v = 0; v < 32; v++) {
      int word = PointForm.point(from.codes, 8 * v) | PointForm.sevenSigns(from.codes, 8 * v) << 9;
      Bytes.putU16(b, o + 2 + 2 * v, word);
    }
    for (int g = 0; g < 16; g++) {
      b[o + 66 + g / 2] |= (byte) (from.scales[g] << 4 * (g & 1));
    }
  }
}
