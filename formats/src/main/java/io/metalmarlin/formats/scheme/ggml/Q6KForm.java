package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;

/// Q6_K taken apart; see [Q6KCodec].
final class Q6KForm implements LevelForm {
  private static final float[] LEVELS = BlockForms.whole(-32, 31);

  @Override
  public DType type() {
    return DType.Q6_K;
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
    return -128;
  }

  @Override
  public int greatestScale() {
    return 127;
  }

  @Override
  public int greatestMin() {
    return 0;
  }

  @Override
  public void readScales(byte[] b, int o, BlockNumbers to) {
    to.step = Bytes.half(b, o + 208);
    to.minStep = 0;
    for (int g = 0; g < 16; g++) {
      to.scales[g] = b[o + 192 + g];
      to.mins[g] = 0;
    }
  }

  @Override
  public void write(BlockNumbers from, byte[] b, int o) {
    Bytes.putHalf(b, o + 208, from.step);
    for (int g = 0; g < 16; g++) {
      b[o + 192 + g] = (byte) from.scales[g];
    }
    Q6KCodec.putCodes(from.codes, 0, b, o);
  }
}
