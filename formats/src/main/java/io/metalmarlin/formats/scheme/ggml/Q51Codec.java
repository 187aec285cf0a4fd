package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import org.jspecify.annotations.Nullable;

/// Q5_1: 32 weights `q * d + m`. fp16 `d` and `m`, a word whose bit `j` is the fifth bit of weight
/// `j`, then 16 bytes of nibbles in the order of Q4_0.
final class Q51Codec extends ArrayCodec {
  private static final AffineFit FIT = AffineFit.weighted(31, 32);
  private static final int CHUNK = 1024;

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
  public boolean writes() {
    return true;
  }

  @Override
  void encodeBlocks(
      float[] x,
      int from,
      int cols,
      float @Nullable [] importance,
      int importanceFrom,
      byte[] out,
      int at) {
    if (importance == null) {
      EncodeKernels.BEST.affineBlocks(5, x, from, cols / 32, out, at);
      return;
    }
    float square = Weights.squares(x, from, cols) / cols;
    float[] weights = new float[CHUNK];
    byte[] codes = new byte[32];
    Lines lines = new Lines(CHUNK / 32);
    for (int c = 0; c < cols; c += CHUNK) {
      int n = Math.min(CHUNK, cols - c);
      Weights.fill(x, from + c, importance, importanceFrom + c, square, weights, 0, n);
      EncodeKernels.BEST.affine(FIT, x, from + c, n / 32, weights, lines);
      for (int g = 0; g < n / 32; g++, at += 24) {
        Bytes.putHalf(out, at, lines.scale()[g]);
        Bytes.putHalf(out, at + 2, -lines.min()[g]);
        FIT.codes(x, from + c + 32 * g, lines, g, codes, 0);
        Nibbles.putFive(codes, 0, out, at + 4);
      }
    }
  }
}
