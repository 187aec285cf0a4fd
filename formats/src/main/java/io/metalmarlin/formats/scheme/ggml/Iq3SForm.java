package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import java.util.Arrays;

/// IQ3_S taken apart; see [Iq3SCodec].
final class Iq3SForm extends VectorForm {
  private static final int SCALES = 106;

  Iq3SForm() {
    super(DType.IQ3_S, Grid.IQ3_S, 32, 1, 2);
  }

  @Override
  int scaleCode(byte[] b, int o, int run) {
    return nibble(b, o + SCALES, run);
  }

  @Override
  public void write(BlockNumbers from, byte[] b, int o) {
    Arrays.fill(b, o, o + 110, (byte) 0);
    Bytes.putHalf(b, o, from.step);
    putNibbles(from.scales, b, o + SCALES);
    for (int v = 0; v < 64; v++) {
      int point = PointForm.point(from.codes, 4 * v);
      b[o + 2 + v] = (byte) point;
      b[o + 66 + v / 8] |= (byte) (point >> 8 << (v & 7));
      b[o + 74 + v / 2] |= (byte) (PointForm.signs(from.codes, 4 * v, 4) << 4 * (v & 1));
    }
  }
}
