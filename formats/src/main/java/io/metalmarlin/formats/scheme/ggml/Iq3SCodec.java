package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;

/// IQ3_S, written by error feedback only ([Iq3SForm]): 256 weights in runs of 4 from a codebook of
/// 512 points. fp16 `d`, 64 low bytes of the point numbers, 8 bytes of their ninth bits, 32 sign
/// bytes, then a 4-bit scale for every 32 weights.
final class Iq3SCodec extends ArrayCodec {
  Iq3SCodec() {
    super(DType.IQ3_S);
  }

  @Override
  void decodeBlock(byte[] b, int o, float[] y, int at) {
    float d = Bytes.half(b, o);
    for (int ib = 0; ib < 8; ib++) {
      int s = b[o + 106 + ib / 2] >> 4 * (ib & 1) & 15;
      float scale = d * (1 + 2 * s);
      int high = b[o + 66 + ib];
      for (int l = 0; l < 8; l++) {
        int point = Bytes.u8(b, o + 2 + 8 * ib + l) | (high >> l & 1) << 8;
        int signs = b[o + 74 + 4 * ib + l / 2] >> 4 * (l & 1);
        Grid.IQ3_S.put(point, signs, scale, y, at + 32 * ib + 4 * l);
      }
    }
  }
}
