package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import java.util.Arrays;
import java.util.Comparator;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/// Optimal Brain Surgeon with 2:4 masks by its definition, one row at a time in double precision:
/// take a column out (to zero, or to the grid), move all others by the explicit inverse Hessian,
/// eliminate it from the inverse; `O(d^3)`. Of each quad all six masks are tried out.
final class SparseSurgeon {
  private final GroupScheme values;
  private final int span;
  private final int[] order;
  private double[] v;
  private double[][] inverse;

  /// The chosen masks, codes of kept columns and the values they had before rounding.
  final boolean[] keep;

  final int[] codes;
  final double[] rehearsed;

  /// @param unit columns that stay together in activation order
  SparseSurgeon(
      Layer layer, int row, GroupScheme values, int span, int unit, SolveOptions options) {
    int d = layer.cols();
    this.values = values;
    this.span = span;
    this.order = order(layer.hessian(), unit, options.order());
    this.inverse = Surgeon.invert(layer.damped(options));
    this.v = new double[d];
    for (int c = 0; c < d; c++) {
      v[c] = layer.weights()[row][c];
    }
    this.keep = new boolean[d];
    this.codes = new int[d];
    this.rehearsed = new double[d];
  }

  private static int[] order(double[][] h, int unit, ColumnOrder order) {
    Comparator<Integer> descending =
        Comparator.<Integer>comparingDouble(
                u -> IntStream.range(u * unit, (u + 1) * unit).mapToDouble(c -> h[c][c]).sum())
            .reversed();
    return IntStream.range(0, h.length / unit)
        .boxed()
        .sorted(order == ColumnOrder.ACT ? descending : (a, b) -> 0)
        .flatMapToInt(u -> IntStream.range(u * unit, (u + 1) * unit))
        .toArray();
  }

  /// @param scale effective scale of a column, asked for once its group's masks are chosen
  SparseSurgeon run(IntToDoubleFunction scale) {
    double[] weights = v.clone();
    for (int from = 0; from < order.length; from += span) {
      double[] before = v.clone();
      double[][] inverseBefore = copy(inverse);
      for (int quad = from; quad < from + span; quad += 4) {
        chooseQuad(weights, quad);
        for (int i = quad; i < quad + 4; i++) {
          rehearsed[order[i]] = keep[order[i]] ? v[order[i]] : 0;
          take(order[i], rehearsed[order[i]]);
        }
      }
      v = before;
      inverse = inverseBefore;
      for (int i = from; i < from + span; i++) {
        int c = order[i];
        double s = scale.applyAsDouble(c);
        codes[c] = values.nearest((float) (v[c] / s));
        take(c, keep[c] ? s * values.value(codes[c]) : 0);
      }
    }
    return this;
  }

  private void chooseQuad(double[] weights, int quad) {
    int[] columns = Arrays.copyOfRange(order, quad, quad + 4);
    if (Arrays.stream(columns).filter(c -> weights[c] != 0).count() <= 2) {
      Arrays.stream(columns).forEach(c -> keep[c] = weights[c] != 0);
      return;
    }
    double least = Double.POSITIVE_INFINITY;
    int best = 0;
    for (int mask : new int[] {0b0011, 0b0101, 0b0110, 0b1001, 0b1010, 0b1100}) {
      double[] before = v.clone();
      double[][] inverseBefore = copy(inverse);
      double loss = 0;
      for (int k = 0; k < 4; k++) {
        int c = columns[k];
        loss += take(c, (mask >> k & 1) == 1 ? v[c] : 0);
      }
      v = before;
      inverse = inverseBefore;
      if (loss < least) {
        least = loss;
        best = mask;
      }
    }
    for (int k = 0; k < 4; k++) {
      keep[columns[k]] = (best >> k & 1) == 1;
    }
  }

  /// Fixes a column at `q` and returns what that costs.
  private double take(int j, double q) {
    double e = (v[j] - q) / inverse[j][j];
    double loss = e * (v[j] - q);
    double[] row = inverse[j].clone();
    for (int c = 0; c < v.length; c++) {
      v[c] -= e * row[c];
    }
    for (int a = 0; a < v.length; a++) {
      double f = row[a] / row[j];
      for (int b = 0; f != 0 && b < v.length; b++) {
        inverse[a][b] -= f * row[b];
      }
    }
    return loss;
  }

  private static double[][] copy(double[][] m) {
    return Arrays.stream(m).map(double[]::clone).toArray(double[][]::new);
  }
}
