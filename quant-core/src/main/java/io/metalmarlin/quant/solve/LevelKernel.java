package io.metalmarlin.quant.solve;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Rounds many numbers to the levels of a block type at once.
final class LevelKernel {
  private static final VectorSpecies<Float> F = Lanes.SPECIES;
  private static final float MAGIC = 0x1.8p23f;
  private static final int OFFSET = 128;

  private final float lowest;
  private final float highest;
  private final boolean even;
  private final float[] bounds;
  private final float[] rises;
  private final byte[] codes = new byte[2 * OFFSET];

  /// @param levels rising whole numbers from -128 to 127
  LevelKernel(float[] levels) {
    int last = levels.length - 1;
    lowest = levels[0];
    highest = levels[last];
    even = highest - lowest == last;
    bounds = new float[last];
    rises = new float[last];
    for (int i = 0; i < last; i++) {
      bounds[i] = (levels[i] + levels[i + 1]) / 2;
      rises[i] = levels[i + 1] - levels[i];
    }
    Arrays.fill(codes, (byte) -1);
    for (int i = 0; i <= last; i++) {
      codes[(int) levels[i] + OFFSET] = (byte) i;
    }
  }

  /// Replaces `x[0 .. n)` by the nearest levels.
  void nearest(float[] x, int n) {
    if (even) {
      for (int i = 0; i < n; i += F.length()) {
        FloatVector v = FloatVector.fromArray(F, x, i);
        v.max(lowest).min(highest).add(MAGIC).sub(MAGIC).intoArray(x, i);
      }
      return;
    }
    for (int i = 0; i < n; i += F.length()) {
      FloatVector v = FloatVector.fromArray(F, x, i);
      FloatVector level = FloatVector.broadcast(F, highest);
      for (int b = 0; b < bounds.length; b++) {
        level = level.lanewise(VectorOperators.SUB, rises[b], v.lt(bounds[b]));
      }
      level.intoArray(x, i);
    }
  }

  /// The code of a level.
  byte code(float level) {
    return codes[(int) level + OFFSET];
  }
}
