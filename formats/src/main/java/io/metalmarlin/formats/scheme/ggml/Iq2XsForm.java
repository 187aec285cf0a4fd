package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import java.util.Arrays;

/// IQ2_XS taken apart; see [Iq2XsCodec].
final class Iq2XsForm extends VectorForm {
  private static final int SCALES = 66;

  Iq2XsForm() {
    super(DType.IQ2_XS, Grid.IQ2_XS, 16, 8, .25f);
  }

  @Override
  int scaleCode(byte[] b, int o, int run) {
    return nibble(b, o + SCALES, run);
  }

  @Override
  public void write(BlockNumbers from, byte[] b, int o) {
    Arrays.fill(b, o + SCALES, o + 74, (byte) 0);
    Bytes.putHalf(b, o, from.step);
    for (int v = 0; v < 32; v++) {
      int word = PointForm.point(from.codes, 8 * v) | sevenSigns(from.codes, 8 * v) << 9;
      Bytes.putU16(b, o + 2 + 2 * v, word);
    }
    putNibbles(from.scales, b, o + SCALES);
  }
}
