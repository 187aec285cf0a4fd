package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.ggml.BlockForm;
import io.metalmarlin.formats.scheme.ggml.LevelForm;
import io.metalmarlin.formats.scheme.ggml.PointForm;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Rounds the columns of one run with feedback among them, under any scales and mins: what a
/// candidate would cost, for some rows at once. Columns are numbered by position, the first to be
/// rounded last. Work memory of one thread.
abstract sealed class RunReplay permits LevelReplay, PointReplay {
  /// Rows in work at once: their values and deviations stay in the first cache.
  static final int ROWS = 32;

  static final VectorSpecies<Float> F = Lanes.SPECIES;

  /// Values to round, moved by everything rounded before, `ROWS` a column; to be filled.
  final float[] values;

  /// What deviations are counted from; to be filled.
  final float[] originals;

  /// Rounded values of the last replay.
  final float[] rounded;

  /// What the last replay adds to the loss, in units of the factor's weight.
  final float[] loss = new float[ROWS];

  final int size;
  final float[] deviations;

  RunReplay(int size) {
    this.size = size;
    this.values = new float[size * ROWS];
    this.originals = new float[size * ROWS];
    this.rounded = new float[size * ROWS];
    this.deviations = new float[size * ROWS];
  }

  static RunReplay of(BlockForm form) {
    return switch (form) {
      case LevelForm f -> new LevelReplay(f);
      case PointForm f -> new PointReplay(f);
    };
  }

  /// Rounds all columns from the last to the first.
  ///
  /// @param scales one a row
  /// @param mins one a row
  abstract void replay(RunFactor factor, float[] scales, float[] mins);

  /// The codes of the last replay, `ROWS` a column.
  abstract void codes(byte[] out);

  /// The loss of given values of a run, counted from [#originals], which must equal [#values].
  final void lossOf(RunFactor factor, float[] q) {
    Arrays.fill(loss, 0);
    for (int i = 0; i < size * ROWS; i += F.length()) {
      FloatVector.fromArray(F, q, i)
          .sub(FloatVector.fromArray(F, originals, i))
          .intoArray(deviations, i);
    }
    for (int c = size - 1; c >= 0; c--) {
      for (int i = 0; i < ROWS; i += F.length()) {
        FloatVector v = moved(factor, c, c + 1, i);
        add(factor.pivots()[c], FloatVector.fromArray(F, q, c * ROWS + i).sub(v), i);
      }
    }
  }

  /// Adds a column's part to the loss of some rows.
  final void add(float pivot, FloatVector r, int i) {
    r.mul(r).mul(pivot).add(FloatVector.fromArray(F, loss, i)).intoArray(loss, i);
  }

  /// The values of column c after the run's columns from `first` on.
  final FloatVector moved(RunFactor factor, int c, int first, int i) {
    float[] multipliers = factor.multipliers();
    FloatVector even = FloatVector.fromArray(F, values, c * ROWS + i);
    FloatVector odd = FloatVector.zero(F);
    int k = first;
    for (; k + 1 < size; k += 2) {
      even =
          even.sub(
              FloatVector.fromArray(F, deviations, k * ROWS + i).mul(multipliers[c * size + k]));
      odd =
          odd.add(
              FloatVector.fromArray(F, deviations, (k + 1) * ROWS + i)
                  .mul(multipliers[c * size + k + 1]));
    }
    if (k < size) {
      even =
          even.sub(
              FloatVector.fromArray(F, deviations, k * ROWS + i).mul(multipliers[c * size + k]));
    }
    return even.sub(odd);
  }
}
