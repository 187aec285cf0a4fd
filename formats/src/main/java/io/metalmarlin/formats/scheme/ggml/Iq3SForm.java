package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import java.util.Arrays;

/// IQ3_S taken apart; see [Iq3SCodec].
final class Iq3SForm implements PointForm {
  @Override
  public DType type() {
    return DType.IQ3_S;
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
    return 512;
  }

  @Override
  public int magnitude(int point, int index) {
    return Grid.IQ3_S.value(point, index);
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
    return step * (1 + 2 * code);
  }

  @Override
  public double scaleCode(float step, float scale) {
    return Math.rint(((double) scale / step - 1) / 2);
  }

  @Override
  public void readScales(byte[] b, int o, BlockNumbers to) {
    to.step = Bytes.half(b, o);
    to.minStep = 0;
    for (int g = 0; g < 8; g++) {
      to.scales[g] = b[o + 106 + g / 2] >> 4 * (g & 1) & 15;
      to.mins[g] = 0;
    }
  }

  @Override
  public void write(BlockNumbers from, byte[] b, int o) {
    Arrays.fill(b, o, o + 110, (byte) 0);
    Bytes.putHalf(b, o, from.step);
    for (int g = 0; g < 8; g++) {
      b[o + 106 + g / 2] |= (byte) (from.scales[g] << 4 * (g & 1));
    }
    for (int v = 0; v < 64; v++) {
      int point = PointForm.point(from.codes, 4 * v);
      b[o + 2 + v] = (byte) point;
      b[o + 66 + v / 8] |= (byte) (point >> 8 << (v & 7));
      b[o + 74 + v / 2] |= (byte) (PointForm.signs(from.codes, 4 * v, 4) << 4 * (v & 1));
    }
  }
}
