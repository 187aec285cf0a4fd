package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import java.util.List;

/// The block types that can be taken apart.
final class BlockForms {
  static final List<BlockForm> ALL =
      List.of(
          new PlainForm(DType.Q4_0, whole(-8, 7), 4, false),
          new PlainForm(DType.Q4_1, whole(0, 15), 4, true),
          new PlainForm(DType.Q5_0, whole(-16, 15), 5, false),
          new PlainForm(DType.Q5_1, whole(0, 31), 5, true),
          new PlainForm(DType.IQ4_NL, NonLinearFit.LEVELS, 4, false),
          new Q2KForm(),
          new Q3KForm(),
          new Q45KForm(DType.Q4_K, 4),
          new Q45KForm(DType.Q5_K, 5),
          new Q6KForm(),
          new Iq4XsForm(),
          new Iq3SForm(),
          new Iq3XxsForm(),
          new Iq2SForm(),
          new Iq2XsForm(),
          new Iq2XxsForm());

  private BlockForms() {}

  static float[] whole(int least, int greatest) {
    float[] levels = new float[greatest - least + 1];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = least + i;
    }
    return levels;
  }
}
