package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;

/// Blocks of 32 weights that are one run: an fp16 scale, for some types an fp16 offset (a negated
/// min), and codes of four or five bits.
///
/// @param bits of a code
/// @param offset whether the block has one
record PlainForm(DType type, float[] levels, int bits, boolean offset) implements LevelForm {
  @Override
  public int run() {
    return 32;
  }

  @Override
  public int leastScale() {
    return 1;
  }

  @Override
  public int greatestScale() {
    return 1;
  }

  @Override
  public int greatestMin() {
    return offset ? 1 : 0;
  }

  @Override
  public void readScales(byte[] b, int o, BlockNumbers to) {
    to.step = Bytes.half(b, o);
    to.minStep = offset ? -Bytes.half(b, o + 2) : 0;
    to.scales[0] = 1;
    to.mins[0] = greatestMin();
  }

  @Override
  public void write(BlockNumbers from, byte[] b, int o) {
    Bytes.putHalf(b, o, from.step);
    if (offset) {
      Bytes.putHalf(b, o + 2, -from.minStep);
    }
    Nibbles.put(bits, from.codes, b, o + (offset ? 4 : 2));
  }
}
