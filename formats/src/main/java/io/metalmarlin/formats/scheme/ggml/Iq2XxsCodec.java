package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;

/// IQ2_XXS, written by error feedback only ([Iq2XxsForm]): 256 weights in runs of 8 from a codebook
/// of 256 points. fp16 `d`, then for every 32 weights 4 point numbers and a word with four 7-bit
/// sign patterns and a 4-bit scale on top.
final class Iq2XxsCodec extends ArrayCodec {
  Iq2XxsCodec() {
    super(DType.IQ2_XXS);
  }

  @Override
  void decodeBlock(byte[] b, int o, float[] y, int at) {
    float d = Bytes.half(b, o);
    for (int ib = 0; ib < 8; ib++) {
      int group = o + 2 + 8 * ib;
      int word = Bytes.i32(b, group + 4);
      float scale = d * (0.5f + (word >>> 28)) * 0.25f;
      for (int l = 0; l < 4; l++) {
        int signs = Grid.signs(word >>> 7 * l);
        Grid.IQ2_XXS.put(Bytes.u8(b, group + l), signs, scale, y, at + 32 * ib + 8 * l);
      }
    }
  }
}
