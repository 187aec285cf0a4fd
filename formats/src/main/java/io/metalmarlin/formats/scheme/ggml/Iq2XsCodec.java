package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;

/// IQ2_XS, written by error feedback only ([Iq2XsForm]): 256 weights in runs of 8 from a codebook
/// of 512 points. fp16 `d`, 32 words of 16 bits (9 for the point, 7 for the signs), then a 4-bit
/// scale for every 16 weights.
final class Iq2XsCodec extends ArrayCodec {
  Iq2XsCodec() {
    super(DType.IQ2_XS);
  }

  @Override
  void decodeBlock(byte[] b, int o, float[] y, int at) {
    float d = Bytes.half(b, o);
    for (int k = 0; k < 32; k++) {
      int word = Bytes.u16(b, o + 2 + 2 * k);
      int s = b[o + 66 + k / 4] >> 4 * (k / 2 & 1) & 15;
      float scale = d * (0.5f + s) * 0.25f;
      Grid.IQ2_XS.put(word & 511, Grid.signs(word >> 9), scale, y, at + 8 * k);
    }
  }
}
