package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;

/// IQ2_XXS taken apart; see [Iq2XxsCodec].
final class Iq2XxsForm extends VectorForm {
  Iq2XxsForm() {
    super(DType.IQ2_XXS, Grid.IQ2_XXS, 32, 8, .25f);
  }

  @Override
  int scaleCode(byte[] b, int o, int run) {
    return Bytes.i32(b, o + 6 + 8 * run) >>> 28;
  }

  @Override
  public void write(BlockNumbers from, byte[] b, int o) {
    Bytes.putHalf(b, o, from.step);
    for (int g = 0; g < 8; g++) {
      for (int l = 0; l < 4; l++) {
        b[o + 2 + 8 * g + l] = (byte) PointForm.point(from.codes, 32 * g + 8 * l);
      }
      Bytes.putI32(b, o + 6 + 8 * g, signWord(from, g));
    }
  }
}
