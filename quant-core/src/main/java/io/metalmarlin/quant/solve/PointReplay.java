package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.ggml.PointForm;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Replays runs whose weights are rounded vector by vector, to points of a codebook: signs are
/// those of the moved values, and the point is the one with the smallest distance, each weight
/// counted with its pivot, found among all.
///
/// The columns of a vector must lie at successive positions, its last weight first.
final class PointReplay extends RunReplay {
  private static final int HALF = 4;

  private final PointForm form;
  private final int width;
  private final int points;

  /// Magnitudes, one row of all points for each position in a vector.
  private final float[] grid;

  private final float[] squares;
  private final float[] partial;
  private final float[] least = new float[F.length()];
  private final float[] where = new float[F.length()];
  private final float[] pull;
  private final float[] target;
  private final int[] chosen;

  PointReplay(PointForm form) {
    super(form.run());
    this.form = form;
    this.width = form.width();
    this.points = form.points();
    this.grid = new float[width * points];
    for (int c = 0; c < width; c++) {
      for (int p = 0; p < points; p++) {
        grid[c * points + p] = form.magnitude(p, width - 1 - c);
      }
    }
    this.squares = new float[points];
    this.partial = new float[points];
    this.pull = new float[width];
    this.target = new float[width * ROWS];
    this.chosen = new int[form.run() / width * ROWS];
  }

  @Override
  void replay(RunFactor factor, float[] scales, float[] mins) {
    Arrays.fill(loss, 0);
    for (int from = size - width; from >= 0; from -= width) {
      for (int c = 0; c < width; c++) {
        for (int i = 0; i < ROWS; i += F.length()) {
          moved(factor, from + c, from + width, i).intoArray(target, c * ROWS + i);
        }
      }
      weigh(factor.pivots(), from);
      for (int i = 0; i < ROWS; i++) {
        round(factor.pivots(), from, i, scales[i]);
      }
      for (int c = from + width - 1; c >= from; c--) {
        for (int i = 0; i < ROWS; i += F.length()) {
          FloatVector q = FloatVector.fromArray(F, rounded, c * ROWS + i);
          q.sub(FloatVector.fromArray(F, originals, c * ROWS + i))
              .intoArray(deviations, c * ROWS + i);
          add(factor.pivots()[c], q.sub(moved(factor, c, c + 1, i)), i);
        }
      }
    }
  }

  /// Weighted squares of all points.
  private void weigh(float[] pivots, int from) {
    Arrays.fill(squares, 0);
    for (int c = 0; c < width; c++) {
      FloatVector weight = FloatVector.broadcast(F, pivots[from + c]);
      for (int p = 0; p < points; p += F.length()) {
        FloatVector g = FloatVector.fromArray(F, grid, c * points + p);
        g.mul(g).fma(weight, FloatVector.fromArray(F, squares, p)).intoArray(squares, p);
      }
    }
  }

  private void round(float[] pivots, int from, int i, float scale) {
    int point = 0;
    if (scale != 0) {
      float twice = 2 / scale;
      for (int c = 0; c < width; c++) {
        pull[c] = -twice * pivots[from + c] * Math.abs(target[c * ROWS + i]);
      }
      point = nearest();
    }
    chosen[from / width * ROWS + i] = point;
    for (int c = 0; c < width; c++) {
      float q = scale * grid[c * points + point];
      rounded[(from + c) * ROWS + i] = target[c * ROWS + i] < 0 ? -q : q;
    }
  }

  /// The point with the smallest `squares + pull * magnitudes`, the first of several.
  private int nearest() {
    FloatVector best = FloatVector.broadcast(F, Float.POSITIVE_INFINITY);
    FloatVector at = FloatVector.zero(F);
    float[] base = squares;
    for (int c = 0; c + HALF < width; c += HALF) {
      for (int p = 0; p < points; p += F.length()) {
        sum(base, c, p).intoArray(partial, p);
      }
      base = partial;
    }
    for (int p = 0; p < points; p += F.length()) {
      FloatVector distance = sum(base, width - HALF, p);
      VectorMask<Float> closer = distance.lt(best);
      best = best.blend(distance, closer);
      at = at.blend(p, closer);
    }
    best.intoArray(least, 0);
    at.intoArray(where, 0);
    int found = 0;
    float smallest = Float.POSITIVE_INFINITY;
    for (int lane = 0; lane < least.length; lane++) {
      int point = (int) where[lane] + lane;
      if (least[lane] < smallest || least[lane] == smallest && point < found) {
        smallest = least[lane];
        found = point;
      }
    }
    return found;
  }

  private FloatVector sum(float[] base, int c, int p) {
    return FloatVector.fromArray(F, grid, c * points + p)
        .fma(
            FloatVector.broadcast(F, pull[c]),
            FloatVector.fromArray(F, grid, (c + 1) * points + p)
                .fma(
                    FloatVector.broadcast(F, pull[c + 1]),
                    FloatVector.fromArray(F, grid, (c + 2) * points + p)
                        .fma(
                            FloatVector.broadcast(F, pull[c + 2]),
                            FloatVector.fromArray(F, grid, (c + 3) * points + p)
                                .fma(
                                    FloatVector.broadcast(F, pull[c + 3]),
                                    FloatVector.fromArray(F, base, p)))));
  }

  @Override
  void codes(byte[] out) {
    for (int c = 0; c < size; c++) {
      int index = width - 1 - c % width;
      for (int i = 0; i < ROWS; i++) {
        boolean negative = rounded[c * ROWS + i] < 0;
        out[c * ROWS + i] = PointForm.code(chosen[c / width * ROWS + i], index, negative);
      }
    }
  }
}
