package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;

/// IQ1_S, read only: 256 weights in runs of 8 from a codebook of 2048 ternary points, each run
/// shifted by an eighth. fp16 `d`, 32 low bytes of the point numbers, then for every 32 weights a
/// word of 16 bits: four times 3 high bits, a 3-bit scale, the sign of the shift.
final class Iq1SCodec extends ArrayCodec {
  Iq1SCodec() {
    super(DType.IQ1_S);
  }

  @Override
  void decodeBlock(byte[] b, int o, float[] y, int at) {
    float d = Bytes.half(b, o);
    for (int ib = 0; ib < 8; ib++) {
      int word = Bytes.u16(b, o + 34 + 2 * ib);
      float scale = d * (2 * (word >> 12 & 7) + 1);
      float shift = word >> 15 == 0 ? Grid.SHIFT : -Grid.SHIFT;
      for (int l = 0; l < 4; l++) {
        int point = Bytes.u8(b, o + 2 + 4 * ib + l) | (word >> 3 * l & 7) << 8;
        Grid.IQ1_S.putShifted(point, shift, scale, y, at + 32 * ib + 8 * l);
      }
    }
  }
}
