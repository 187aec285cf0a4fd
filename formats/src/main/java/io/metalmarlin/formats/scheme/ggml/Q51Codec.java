package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;

/// Q5_1: 32 weights `q * d + m`. fp16 `d` and `m`, a word whose bit `j` is the fifth bit of weight
/// `j`, then 16 bytes of nibbles in the order of Q4_0.
final class Q51Codec extends FittedCodec {
  private static final AffineFit FIT = AffineFit.weighted(31, 32);

  Q51Codec() {
    super(DType.Q5_1);
  }

  @Override
  void decodeBlock(byte[] b, int o, float[] y, int at) {
    float d = Bytes.half(b, o);
    float m = Bytes.half(b, o + 2);
    int high = Bytes.i32(b, o + 4);
    for (int j = 0; j < 16; j++) {
      int q = b[o + 8 + j];
      y[at + j] = (q & 15 | (high >> j & 1) << 4) * d + m;
      y[at + 16 + j] = (q >> 4 & 15 | (high >> 16 + j & 1) << 4) * d + m;
    }
  }

  @Override
  void encodePlain(float[] x, int from, int blocks, byte[] out, int at) {
    EncodeKernels.BEST.affineBlocks(5, x, from, blocks, out, at);
  }

  @Override
  void fit(float[] x, int from, int blocks, float[] weights, Lines lines) {
    EncodeKernels.BEST.affine(FIT, x, from, blocks, weights, lines);
  }

  @Override
  void putBlock(float[] x, int from, Lines lines, int g, byte[] codes, byte[] out, int at) {
    Bytes.putHalf(out, at, lines.scale()[g]);
    Bytes.putHalf(out, at + 2, -lines.min()[g]);
    FIT.codes(x, from, lines, g, codes, 0);
    Nibbles.putFive(codes, 0, out, at + 4);
  }
}
