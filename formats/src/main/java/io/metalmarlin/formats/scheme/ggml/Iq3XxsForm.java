package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;

/// IQ3_XXS taken apart; see [Iq3XxsCodec].
final class Iq3XxsForm extends VectorForm {
  Iq3XxsForm() {
    super(DType.IQ3_XXS, Grid.IQ3_XXS, 32, 8, .5f);
  }

  @Override
  int scaleCode(byte[] b, int o, int run) {
    return Bytes.i32(b, o + 66 + 4 * run) >>> 28;
  }

  @Override
  public void write(BlockNumbers from, byte[] b, int o) {
    Bytes.putHalf(b, o, from.step);
    for (int v = 0; v < 64; v++) {
      b[o + 2 + v] = (byte) PointForm.point(from.codes, 4 * v);
    }
    for (int g = 0; g < 8; g++) {
      Bytes.putI32(b, o + 66 + 4 * g, signWord(from, g));
    }
  }
}
