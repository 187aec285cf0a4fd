package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import java.util.Arrays;

/// Q3_K taken apart; see [Q3KCodec].
final class Q3KForm implements LevelForm {
  private static final float[] LEVELS = BlockForms.whole(-4, 3);

  @Override
  public DType type() {
    return DType.Q3_K;
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
    return -32;
  }

  @Override
  public int greatestScale() {
    return 31;
  }

  @Override
  public int greatestMin() {
    return 0;
  }

  @Override
  public void readScales(byte[] b, int o, BlockNumbers to) {
    to.step = Bytes.half(b, o + 108);
    to.minStep = 0;
    for (int g = 0; g < 16; g++) {
      to.scales[g] = Q3KCodec.scale(b, o + 96, g) - 32;
      to.mins[g] = 0;
    }
  }

  @Override
  public void write(BlockNumbers from, byte[] b, int o) {
    Arrays.fill(b, o + 96, o + 108, (byte) 0);
    for (int g = 0; g < 16; g++) {
      Q3KCodec.putScale(b, o + 96, g, from.scales[g] + 32);
    }
    Bytes.putHalf(b, o + 108, from.step);
    Q3KCodec.putCodes(from.codes, 0, b, o);
  }
}
