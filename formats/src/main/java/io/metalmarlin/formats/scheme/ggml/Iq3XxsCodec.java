package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;

/// IQ3_XXS, written by error feedback only ([Iq3XxsForm]): 256 weights in runs of 4 from a codebook
/// of 256 points. fp16 `d`, 64 point numbers, then for every 32 weights a word with four 7-bit sign
/// patterns and a 4-bit scale on top.
final class Iq3XxsCodec extends ArrayCodec {
  Iq3XxsCodec() {
    super(DType.IQ3_XXS);
  }

  @Override
  void decodeBlock(byte[] b, int o, float[] y, int at) {
    float d = Bytes.half(b, o);
    for (int ib = 0; ib < 8; ib++) {
      int word = Bytes.i32(b, o + 66 + 4 * ib);
      float scale = d * (0.5f + (word >>> 28)) * 0.5f;
      for (int l = 0; l < 4; l++) {
        int signs = Grid.signs(word >>> 7 * l);
        int point = o + 2 + 8 * ib + 2 * l;
        int to = at + 32 * ib + 8 * l;
        Grid.IQ3_XXS.put(Bytes.u8(b, point), signs, scale, y, to);
        Grid.IQ3_XXS.put(Bytes.u8(b, point + 1), signs >> 4, scale, y, to + 4);
      }
    }
  }
}
