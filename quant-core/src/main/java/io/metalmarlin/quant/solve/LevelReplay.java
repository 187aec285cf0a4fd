package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.ggml.LevelForm;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/// Replays runs whose weights are rounded one by one.
final class LevelReplay extends RunReplay {
  private final LevelKernel kernel;
  private final float[] levels;
  private final float[] moved = new float[ROWS];
  private final float[] x = new float[ROWS];
  private final float[] inverse = new float[ROWS];

  LevelReplay(LevelForm form) {
    super(form.run());
    this.kernel = new LevelKernel(form.levels());
    this.levels = new float[form.run() * ROWS];
  }

  /// A scale of 0 gives every weight the level next to 0.
  @Override
  void replay(RunFactor factor, float[] scales, float[] mins) {
    Arrays.fill(loss, 0);
    for (int i = 0; i < ROWS; i++) {
      inverse[i] = scales[i] == 0 ? 0 : 1 / scales[i];
    }
    for (int c = size - 1; c >= 0; c--) {
      for (int i = 0; i < ROWS; i += F.length()) {
        FloatVector v = moved(factor, c, c + 1, i);
        v.intoArray(moved, i);
        v.add(FloatVector.fromArray(F, mins, i))
            .mul(FloatVector.fromArray(F, inverse, i))
            .intoArray(x, i);
      }
      kernel.nearest(x, ROWS);
      System.arraycopy(x, 0, levels, c * ROWS, ROWS);
      for (int i = 0; i < ROWS; i += F.length()) {
        FloatVector q =
            FloatVector.fromArray(F, scales, i)
                .mul(FloatVector.fromArray(F, x, i))
                .sub(FloatVector.fromArray(F, mins, i));
        q.intoArray(rounded, c * ROWS + i);
        q.sub(FloatVector.fromArray(F, originals, c * ROWS + i))
            .intoArray(deviations, c * ROWS + i);
        add(factor.pivots()[c], q.sub(FloatVector.fromArray(F, moved, i)), i);
      }
    }
  }

  @Override
  void codes(byte[] out) {
    for (int i = 0; i < size * ROWS; i++) {
      out[i] = kernel.code(levels[i]);
    }
  }
}
