package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;

/// Q4_0: 32 weights `(q - 8) * d`. fp16 `d`, then 16 bytes, byte `j` holding weight `j` in its low
/// and weight `j + 16` in its high nibble.
final class Q40Codec extends FittedCodec {
  private static final SymmetricFit FIT = new SymmetricFit(8, 32);

  Q40Codec() {
    super(DType.Q4_0);
  }

  @Override
  void decodeBlock(byte[] b, int o, float[] y, int at) {
    float d = Bytes.half(b, o);
    for (int j = 0; j < 16; j++) {
      int q = b[o + 2 + j];
      y[at + j] = ((q & 15) - 8) * d;
      y[at + 16 + j] = ((q >> 4 & 15) - 8) * d;
    }
  }

  @Override
  void encodePlain(float[] x, int from, int blocks, byte[] out, int at) {
    EncodeKernels.BEST.symmetricBlocks(4, x, from, blocks, out, at);
  }

  @Override
  void fit(float[] x, int from, int blocks, float[] weights, Lines lines) {
    EncodeKernels.BEST.symmetric(FIT, x, from, blocks, weights, lines);
  }

  @Override
  void putBlock(float[] x, int from, Lines lines, int g, byte[] codes, byte[] out, int at) {
    Bytes.putHalf(out, at, lines.scale()[g]);
    FIT.codes(x, from, lines, g, codes, 0);
    Nibbles.put(codes, 0, out, at + 2);
  }
}
