package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;

/// Q5_0: 32 weights `(q - 16) * d`. fp16 `d`, a word whose bit `j` is the fifth bit of weight `j`,
/// then 16 bytes of nibbles in the order of Q4_0.
final class Q50Codec extends FittedCodec {
  private static final SymmetricFit FIT = new SymmetricFit(16, 32);

  Q50Codec() {
    super(DType.Q5_0);
  }

  @Override
  void decodeBlock(byte[] b, int o, float[] y, int at) {
    float d = Bytes.half(b, o);
    int high = Bytes.i32(b, o + 2);
    for (int j = 0; j < 16; j++) {
      int q = b[o + 6 + j];
      y[at + j] = ((q & 15 | (high >> j & 1) << 4) - 16) * d;
      y[at + 16 + j] = ((q >> 4 & 15 | (high >> 16 + j & 1) << 4) - 16) * d;
    }
  }

  @Override
  void encodePlain(float[] x, int from, int blocks, byte[] out, int at) {
    EncodeKernels.BEST.symmetricBlocks(5, x, from, blocks, out, at);
  }

  @Override
  void fit(float[] x, int from, int blocks, float[] weights, Lines lines) {
    EncodeKernels.BEST.symmetric(FIT, x, from, blocks, weights, lines);
  }

  @Override
  void putBlock(float[] x, int from, Lines lines, int g, byte[] codes, byte[] out, int at) {
    Bytes.putHalf(out, at, lines.scale()[g]);
    FIT.codes(x, from, lines, g, codes, 0);
    Nibbles.putFive(codes, 0, out, at + 2);
  }
}
