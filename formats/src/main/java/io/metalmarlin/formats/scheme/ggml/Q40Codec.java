package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import org.jspecify.annotations.Nullable;

/// Q4_0: 32 weights `(q - 8) * d`. fp16 `d`, then 16 bytes, byte `j` holding weight `j` in its low
/// and weight `j + 16` in its high nibble.
final class Q40Codec extends ArrayCodec {
  private static final SymmetricFit FIT = new SymmetricFit(8, 32);
  private static final int CHUNK = 1024;

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
      EncodeKernels.BEST.symmetricBlocks(4, x, from, cols / 32, out, at);
      return;
    }
    float square = Weights.squares(x, from, cols) / cols;
    float[] weights = new float[CHUNK];
    byte[] codes = new byte[32];
    Lines lines = new Lines(CHUNK / 32);
    for (int c = 0; c < cols; c += CHUNK) {
      int n = Math.min(CHUNK, cols - c);
      Weights.fill(x, from + c, importance, importanceFrom + c, square, weights, 0, n);
      EncodeKernels.BEST.symmetric(FIT, x, from + c, n / 32, weights, lines);
      for (int g = 0; g < n / 32; g++, at += 18) {
        Bytes.putHalf(out, at, lines.scale()[g]);
        FIT.codes(x, from + c + 32 * g, lines, g, codes, 0);
        Nibbles.put(codes, 0, out, at + 2);
      }
    }
  }
}
