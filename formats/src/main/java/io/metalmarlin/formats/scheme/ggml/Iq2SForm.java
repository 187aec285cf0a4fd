package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import java.util.Arrays;

/// IQ2_S taken apart; see [Iq2SCodec].
final class Iq2SForm extends VectorForm {
  private static final int SCALES = 74;

  Iq2SForm() {
    super(DType.IQ2_S, Grid.IQ2_S, 16, 1, .25f);
  }

  @Override
  int scaleCode(byte[] b, int o, int run) {
    return nibble(b, o + SCALES, run);
  }

  @Override
  public void write(BlockNumbers from, byte[] b, int o) {
    Arrays.fill(b, o, o + 82, (byte) 0);
    Bytes.putHalf(b, o, from.step);
    putNibbles(from.scales, b, o + SCALES);
    for (int v = 0; v < 32; v++) {
      int point = PointForm.point(from.codes, 8 * v);
      b[o + 2 + v] = (byte) point;
      b[o + 34 + v] = (byte) PointForm.signs(from.codes, 8 * v, 8);
      b[o + 66 + v / 4] |= (byte) (point >> 8 << 2 * (v & 3));
    }
  }
}
