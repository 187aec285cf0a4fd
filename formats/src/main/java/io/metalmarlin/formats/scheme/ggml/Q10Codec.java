package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import org.jspecify.annotations.Nullable;

/// Q1_0: 128 weights, each `d` or `-d`. fp16 `d`, then 128 bits, lowest first, set for `d`.
/// Importance changes nothing.
final class Q10Codec extends ArrayCodec {
  Q10Codec() {
    super(DType.Q1_0);
  }

  @Override
  void decodeBlock(byte[] b, int o, float[] y, int at) {
    int d = Float.floatToRawIntBits(Bytes.half(b, o));
    for (int k = 0; k < 16; k++) {
      int minus = ~b[o + 2 + k];
      for (int j = 0; j < 8; j++) {
        y[at + 8 * k + j] = Float.intBitsToFloat(d ^ minus >> j << 31);
      }
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
    for (int c = 0; c < cols; c += 128, at += 18) {
      float sum = 0;
      for (int j = 0; j < 128; j++) {
        sum += Math.abs(x[from + c + j]);
      }
      Bytes.putHalf(out, at, sum / 128);
      for (int k = 0; k < 16; k++) {
        int bits = 0;
        for (int j = 0; j < 8; j++) {
          bits |= x[from + c + 8 * k + j] >= 0 ? 1 << j : 0;
        }
        out[at + 2 + k] = (byte) bits;
      }
    }
  }
}
