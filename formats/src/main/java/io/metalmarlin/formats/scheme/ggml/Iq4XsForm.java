package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;

/// IQ4_XS taken apart; see [Iq4XsCodec].
final class Iq4XsForm implements LevelForm {
  @Override
  public DType type() {
    return DType.IQ4_XS;
  }

  @Override
  public int run() {
    return 32;
  }

  @Override
  public float[] levels() {
    return NonLinearFit.LEVELS;
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
    to.step = Bytes.half(b, o);
    to.minStep = 0;
    for (int g = 0; g < 8; g++) {
      to.scales[g] = Iq4XsCodec.scale(b, o, g);
      to.mins[g] = 0;
    }
  }

  @Override
  public void write(BlockNumbers from, byte[] b, int o) {
    Bytes.putHalf(b, o, from.step);
    Iq4XsCodec.putScales(from.scales, b, o);
    for (int g = 0; g < 8; g++) {
      Nibbles.put(from.codes, 32 * g, b, o + 8 + 16 * g);
    }
  }
}
