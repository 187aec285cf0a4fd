package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;

/// IQ2_S, written by error feedback only ([Iq2SForm]): 256 weights in runs of 8 from a codebook of
/// 1024 points. fp16 `d`, 32 low bytes of the point numbers, 32 sign bytes, 8 bytes of high bits,
/// then a 4-bit scale for every 16 weights.
final class Iq2SCodec extends ArrayCodec {
  Iq2SCodec() {
    super(DType.IQ2_S);
  }

  @Override
  void decodeBlock(byte[] b, int o, float[] y, int at) {
    float d = Bytes.half(b, o);
    for (int k = 0; k < 32; k++) {
      int point = Bytes.u8(b, o + 2 + k) | (b[o + 66 + k / 4] >> 2 * (k & 3) & 3) << 8;
      int s = b[o + 74 + k / 4] >> 4 * (k / 2 & 1) & 15;
      float scale = d * (0.5f + s) * 0.25f;
      Grid.IQ2_S.put(point, b[o + 34 + k], scale, y, at + 8 * k);
    }
  }
}
