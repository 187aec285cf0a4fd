package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.ggml.PointForm;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// Replays runs whose weights are rounded vector by vector, to points of a codebook: signs are
/// those of the moved values, and the point is the one with the smallest distance, each weight
/// counted with its pivot, found among all.
///
/// Where a type stores signs with an even number of negative ones, one weight of an odd group turns
/// its sign: in the vector where that looks cheapest before any of the group is rounded, or in the
/// last one if moving made the group odd. There the point and the weight that turns are chosen
/// together.
///
/// The columns of a vector must lie at successive positions, its last weight first.
final class PointReplay extends RunReplay {
  private static final int HALF = 4;

  private final PointForm form;
  private final int width;
  private final int points;
  private final int group;

  /// Magnitudes, one row of all points for each position in a vector.
  private final float[] grid;

  private final float[] squares;
  private final float[] partial;
  private final float[] cheapest;
  private final float[] least = new float[F.length()];
  private final float[] where = new float[F.length()];
  private final float[] pull;
  private final float[] target;
  private final int[] chosen;

  /// Negative weights so far in the group of each row.
  private final int[] negative = new int[ROWS];

  PointReplay(PointForm form) {
    super(form.run());
    this.form = form;
    this.width = form.width();
    this.points = form.points();
    this.group = form.evenSigns();
    this.grid = new float[width * points];
    for (int c = 0; c < width; c++) {
      for (int p = 0; p < points; p++) {
        grid[c * points + p] = form.magnitude(p, width - 1 - c);
      }
    }
    this.squares = new float[points];
    this.partial = new float[points];
    this.cheapest = new float[points];
    this.pull = new float[width];
    this.target = new float[Math.max(width, group) * ROWS];
    this.chosen = new int[form.run() / width * ROWS];
  }

  @Override
  void replay(RunFactor factor, float[] scales, float[] mins) {
    Arrays.fill(loss, 0);
    for (int from = size - width; from >= 0; from -= width) {
      // What is left of a group lies below its vectors.
      int left = from % group;
      for (int c = -left; c < width; c++) {
        for (int i = 0; i < ROWS; i += F.length()) {
          moved(factor, from + c, from + width, i).intoArray(target, (left + c) * ROWS + i);
        }
      }
      weigh(factor.pivots(), from);
      for (int i = 0; i < ROWS; i++) {
        round(factor.pivots(), from, left, i, scales[i]);
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

  private void round(float[] pivots, int from, int left, int i, float scale) {
    int point = 0;
    int turned = -1;
    if (scale != 0) {
      boolean odd = group > 1 && turns(pivots, from, left, i);
      float twice = 2 / scale;
      for (int c = 0; c < width; c++) {
        pull[c] = -twice * pivots[from + c] * Math.abs(target[(left + c) * ROWS + i]);
      }
      point = odd ? nearestTurned() : nearest();
      turned = odd ? turned(point) : -1;
    }
    chosen[from / width * ROWS + i] = point;
    for (int c = 0; c < width; c++) {
      float q = scale * grid[c * points + point];
      boolean minus = target[(left + c) * ROWS + i] < 0 != (c == turned);
      rounded[(from + c) * ROWS + i] = minus ? -q : q;
      negative[i] += minus ? 1 : 0;
    }
  }

  /// Whether a weight of this vector has to turn its sign.
  private boolean turns(float[] pivots, int from, int left, int i) {
    if (from + width == size || (from + width) % group == 0) {
      negative[i] = 0;
    }
    int sum = negative[i];
    int cheap = 0;
    float least = Float.POSITIVE_INFINITY;
    for (int c = 0; c < left + width; c++) {
      float v = target[c * ROWS + i];
      sum += v < 0 ? 1 : 0;
      float cost = pivots[from - left + c] * Math.abs(v);
      if (cost < least) {
        least = cost;
        cheap = c;
      }
    }
    return sum % 2 == 1 && cheap >= left;
  }

  /// The weight of a vector that turns at the least cost.
  private int turned(int point) {
    int cheap = 0;
    for (int c = 1; c < width; c++) {
      if (pull[c] * grid[c * points + point] > pull[cheap] * grid[cheap * points + point]) {
        cheap = c;
      }
    }
    return cheap;
  }

  /// The point with the smallest `squares + pull * magnitudes`, the first of several.
  private int nearest() {
    float[] base = squares;
    for (int c = 0; c + HALF < width; c += HALF) {
      for (int p = 0; p < points; p += F.length()) {
        sum(base, c, p).intoArray(partial, p);
      }
      base = partial;
    }
    for (int p = 0; p < points; p += F.length()) {
      sum(base, width - HALF, p).intoArray(partial, p);
    }
    return smallest();
  }

  /// The same with one weight against its sign, which costs `-2 pull * magnitude` more.
  private int nearestTurned() {
    Arrays.fill(cheapest, Float.NEGATIVE_INFINITY);
    float[] base = squares;
    for (int c = 0; c < width; c += HALF) {
      for (int p = 0; p < points; p += F.length()) {
        sum(base, c, p).intoArray(partial, p);
        most(c, p).intoArray(cheapest, p);
      }
      base = partial;
    }
    for (int p = 0; p < points; p += F.length()) {
      FloatVector.fromArray(F, cheapest, p)
          .mul(-2)
          .add(FloatVector.fromArray(F, partial, p))
          .intoArray(partial, p);
    }
    return smallest();
  }

  /// The point with the smallest value in [#partial].
  private int smallest() {
    FloatVector best = FloatVector.broadcast(F, Float.POSITIVE_INFINITY);
    FloatVector at = FloatVector.zero(F);
    for (int p = 0; p < points; p += F.length()) {
      FloatVector distance = FloatVector.fromArray(F, partial, p);
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

  private FloatVector most(int c, int p) {
    return FloatVector.fromArray(F, cheapest, p)
        .max(FloatVector.fromArray(F, grid, c * points + p).mul(pull[c]))
        .max(FloatVector.fromArray(F, grid, (c + 1) * points + p).mul(pull[c + 1]))
        .max(FloatVector.fromArray(F, grid, (c + 2) * points + p).mul(pull[c + 2]))
        .max(FloatVector.fromArray(F, grid, (c + 3) * points + p).mul(pull[c + 3]));
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
