package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;

/// Q4_K and Q5_K taken apart; see [Q4KCodec] and [Q5KCodec].
///
/// @param bits of a code
record Q45KForm(DType type, float[] levels, int bits) implements LevelForm {
  Q45KForm(DType type, int bits) {
    this(type, BlockForms.whole(0, (1 << bits) - 1), bits);
  }

  @Override
  public int run() {
    return 32;
  }

  @Override
  public int leastScale() {
    return 0;
  }

  @Override
  public int greatestScale() {
    return 63;
  }

  @Override
  public int greatestMin() {
    return 63;
  }

  @Override
  public void readScales(byte[] b, int o, BlockNumbers to) {
    to.step = Bytes.half(b, o);
    to.minStep = Bytes.half(b, o + 2);
    for (int g = 0; g < 8; g++) {
      to.scales[g] = SixBitPairs.scale(b, o + 4, g);
      to.mins[g] = SixBitPairs.min(b, o + 4, g);
    }
  }

  @Override
  public void write(BlockNumbers from, byte[] b, int o) {
    Bytes.putHalf(b, o, from.step);
    Bytes.putHalf(b, o + 2, from.minStep);
    for (int g = 0; g < 8; g++) {
      SixBitPairs.put(b, o + 4, g, from.scales[g], from.mins[g]);
    }
    Q45KEncoder.putCodes(bits, from.codes, 0, b, o);
  }
}
