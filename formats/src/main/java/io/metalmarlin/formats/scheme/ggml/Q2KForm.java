package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;

/// Q2_K taken apart; see [Q2KCodec].
final class Q2KForm implements LevelForm {
  private static final float[] LEVELS = BlockForms.whole(0, 3);

  @Override
  public DType type() {
    return DType.Q2_K;
  }

  @Override
  public int run() {
    return 16;
  }

  @Override
  public float[] levels() {
    return LEVELS;
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
    return 15;
  }

  @Override
  public void readScales(byte[] b, int o, BlockNumbers to) {
    to.step = Bytes.half(b, o + 80);
    to.minStep = Bytes.half(b, o + 82);
    for (int g = 0; g < 16; g++) {
      to.scales[g] = b[o + g] & 15;
      to.mins[g] = b[o + g] >> 4 & 15;
    }
  }

  @Override
  public void write(BlockNumbers from, byte[] b, int o) {
    Bytes.putHalf(b, o + 80, from.step);
    Bytes.putHalf(b, o + 82, from.minStep);
    for (int g = 0; g < 16; g++) {
      b[o + g] = (byte) (from.scales[g] | from.mins[g] << 4);
    }
    Planes.putTwo(from.codes, 0, b, o + 16);
  }
}
