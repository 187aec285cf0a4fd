package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Chooses the scale of a group when error feedback reaches it: for every candidate the group's
/// columns are rounded one after the other as feedback will do it, and the candidate whose
/// roundings add least to the loss, `sum of pivot * (q - v)^2`, wins. That sum is the group's exact
/// part of the final loss; of equal ones the earlier candidate stays.
///
/// Work memory of one thread.
final class ScaleReplay {
  /// Rows in work at once: their values and deviations stay in the first cache.
  private static final int ROWS = 32;

  /// Columns between two looks at whether a candidate can still win.
  private static final int LOOK = 8;

  private static final VectorSpecies<Float> F = Lanes.SPECIES;

  private final ColumnFactor factor;
  private final MemorySegment lower;
  private final GridKernel kernel;
  private final Fits candidates;
  private final float[] multipliers;
  private final float[] weight;
  private final float[] values;
  private final float[] originals;
  private final float[] deviations;
  private final float[] x = new float[ROWS];
  private final float[] q = new float[ROWS];
  private final int[] codes = new int[ROWS];
  private final float[] loss = new float[ROWS];
  private final float[] best = new float[ROWS];
  private final int[] winner = new int[ROWS];

  /// @param lower memory of the factor
  /// @param candidateCount of the rule that will be passed
  ScaleReplay(
      ColumnFactor factor,
      MemorySegment lower,
      GridKernel kernel,
      int groupSize,
      int candidateCount) {
    this.factor = factor;
    this.lower = lower;
    this.kernel = kernel;
    this.candidates = new Fits(candidateCount * Panel.ROWS);
    this.multipliers = new float[groupSize * groupSize];
    this.weight = new float[groupSize];
    this.values = new float[groupSize * ROWS];
    this.originals = new float[groupSize * ROWS];
    this.deviations = new float[groupSize * ROWS];
  }

  /// Chooses the fits of the group at positions `[from, to)` for all rows of a panel.
  ///
  /// @param at where its values stand in the panel's leaf (moved by all columns rounded before) and
  ///   its weights in the panel's originals
  /// @param first where its fits go
  void choose(ScaleCandidates rule, Panel panel, int from, int to, int at, int first) {
    float[] v = panel.leaf;
    float[] w = panel.original;
    int n = panel.stride();
    int columns = to - from;
    loadFactor(from, columns);
    for (int row = 0; row < n; row += ROWS) {
      int width = Math.min(ROWS, n - row);
      loadRows(v, w, at + row, n, columns, width);
      rehearse(panel.group, row, n, columns, width);
    }
    rule.propose(panel.group, columns, n, candidates, panel.scratch);
    for (int row = 0; row < n; row += ROWS) {
      int width = Math.min(ROWS, n - row);
      loadRows(v, w, at + row, n, columns, width);
      Arrays.fill(best, Float.POSITIVE_INFINITY);
      for (int k = 0; k < rule.count(); k++) {
        if (replay(k * n + row, columns, width)) {
          for (int i = 0; i < width; i++) {
            if (loss[i] < best[i]) {
              best[i] = loss[i];
              winner[i] = k;
            }
          }
        }
      }
      for (int i = 0; i < width; i++) {
        panel.fits.set(first + row + i, candidates, winner[i] * n + row + i);
      }
    }
  }

  private void loadRows(float[] v, float[] w, int at, int n, int columns, int width) {
    for (int c = 0; c < columns; c++) {
      System.arraycopy(v, at + c * n, values, c * width, width);
      System.arraycopy(w, at + c * n, originals, c * width, width);
    }
  }

  /// Walks the group without rounding: the values that are best for all columns before it, whose
  /// range the scale has to serve.
  private void rehearse(float[] group, int row, int n, int columns, int width) {
    for (int c = columns - 1; c >= 0; c--) {
      for (int i = 0; i < width; i += F.length()) {
        FloatVector value = moved(c, columns, width, i);
        value.intoArray(group, c * n + row + i);
        value
            .sub(FloatVector.fromArray(F, originals, c * width + i))
            .intoArray(deviations, c * width + i);
      }
    }
  }

  /// Multipliers and pivots of the group, the latter relative to the largest.
  private void loadFactor(int from, int columns) {
    int cols = factor.order().length;
    for (int i = 1; i < columns; i++) {
      for (int c = 0; c < i; c++) {
        multipliers[c * columns + i] =
            lower.get(JAVA_FLOAT_UNALIGNED, ((long) (from + i) * cols + from + c) * Float.BYTES);
      }
    }
    double largest = 0;
    for (int c = 0; c < columns; c++) {
      largest = Math.max(largest, pivot(from + c));
    }
    for (int c = 0; c < columns; c++) {
      weight[c] = (float) (pivot(from + c) / largest);
    }
  }

  private double pivot(int position) {
    return (factor.dead()[position] ? ColumnFactor.DEAD_WEIGHT : 1) * factor.pivots()[position];
  }

  /// Rounds the columns of some rows under the candidate at an index.
  ///
  /// @return false when no row can be better than its best
  private boolean replay(int candidate, int columns, int width) {
    Arrays.fill(loss, 0, width, 0);
    for (int c = columns - 1; c >= 0; c--) {
      for (int i = 0; i < width; i += F.length()) {
        moved(c, columns, width, i).intoArray(x, i);
      }
      kernel.round(x, 0, candidates.scales, candidates.zeros, candidate, width, q, codes);
      for (int i = 0; i < width; i += F.length()) {
        FloatVector rounded = FloatVector.fromArray(F, q, i);
        FloatVector r = rounded.sub(FloatVector.fromArray(F, x, i));
        r.mul(r).mul(weight[c]).add(FloatVector.fromArray(F, loss, i)).intoArray(loss, i);
        rounded
            .sub(FloatVector.fromArray(F, originals, c * width + i))
            .intoArray(deviations, c * width + i);
      }
      if (c % LOOK == 0 && lost(width)) {
        return false;
      }
    }
    return true;
  }

  /// The value of column c after the group's columns above it.
  private FloatVector moved(int c, int columns, int width, int i) {
    FloatVector even = FloatVector.fromArray(F, values, c * width + i);
    FloatVector odd = FloatVector.zero(F);
    int k = c + 1;
    for (; k + 1 < columns; k += 2) {
      even =
          even.sub(
              FloatVector.fromArray(F, deviations, k * width + i)
                  .mul(multipliers[c * columns + k]));
      odd =
          odd.add(
              FloatVector.fromArray(F, deviations, (k + 1) * width + i)
                  .mul(multipliers[c * columns + k + 1]));
    }
    if (k < columns) {
      even =
          even.sub(
              FloatVector.fromArray(F, deviations, k * width + i)
                  .mul(multipliers[c * columns + k]));
    }
    return even.sub(odd);
  }

  private boolean lost(int width) {
    for (int i = 0; i < width; i++) {
      if (loss[i] < best[i]) {
        return false;
      }
    }
    return true;
  }
}
