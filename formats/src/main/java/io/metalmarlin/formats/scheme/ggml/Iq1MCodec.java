package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;

/// IQ1_M, read only: 256 weights in runs of 8 from the codebook of IQ1_S, each run shifted by an
/// eighth. 32 low bytes of the point numbers, 32 nibbles (3 high bits and the sign of the shift),
/// then four words of 16 bits: four 3-bit scales each, and the fp16 `d` in their top nibbles.
final class Iq1MCodec extends ArrayCodec {
  Iq1MCodec() {
    super(DType.IQ1_M);
  }

  @Override
  void decodeBlock(byte[] b, int o, float[] y, int at) {
    float d = Float.float16ToFloat((short) dBits(b, o + 48));
    for (int k = 0; k < 32; k++) {
      int nibble = b[o + 32 + k / 2] >> 4 * (k & 1) & 15;
      int point = Bytes.u8(b, o + k) | (nibble & 7) << 8;
      int s = Bytes.u16(b, o + 48 + 2 * (k / 8)) >> 6 * (k / 4 & 1) + 3 * (k / 2 & 1) & 7;
      float shift = (nibble & 8) == 0 ? Grid.SHIFT : -Grid.SHIFT;
      Grid.IQ1_S.putShifted(point, shift, d * (2 * s + 1), y, at + 8 * k);
    }
  }

  private static int dBits(byte[] b, int o) {
    int bits = 0;
    for (int k = 0; k < 4; k++) {
      bits |= Bytes.u16(b, o + 2 * k) >> 12 << 4 * k;
    }
    return bits;
  }
}
