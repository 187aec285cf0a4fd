package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Optimal Brain Quantization by its definition: round a column, move all others by the explicit
/// inverse Hessian, eliminate the column from the inverse; double precision, one row at a time,
/// `O(d^3)`.
final class Surgeon {
  private Surgeon() {}

  /// Codes of one row of a layer, given the scales and zeros that a solver chose for it.
  static int[] codes(Layer layer, int row, Layer.Result given, SolveOptions options) {
    int d = layer.cols();
    int[] codes = new int[d];
    double[][] inverse = invert(layer.damped(options));
    double[] v = new double[d];
    for (int c = 0; c < d; c++) {
      v[c] = layer.weights()[row][c];
    }
    for (int j : order(layer, options.order())) {
      Grid grid = grid(layer, row, given, options, j);
      codes[j] = grid.nearest(v[j]);
      eliminate(j, grid.value(codes[j]), v, inverse);
    }
    return codes;
  }

  /// Fixes a column to a value: moves all others and takes it out of the inverse.
  ///
  /// @return what that adds to the loss
  private static double eliminate(int j, double value, double[] v, double[][] inverse) {
    int d = v.length;
    double deviation = v[j] - value;
    double[] line = inverse[j].clone();
    double e = deviation / line[j];
    for (int c = 0; c < d; c++) {
      v[c] -= e * line[c];
    }
    for (int a = 0; a < d; a++) {
      double f = line[a] / line[j];
      for (int b = 0; f != 0 && b < d; b++) {
        inverse[a][b] -= f * line[b];
      }
    }
    return deviation * e;
  }

  /// Columns in the order in which they are rounded, by its definition.
  static int[] order(Layer layer, ColumnOrder order) {
    double[][] h = layer.hessian();
    int size = Math.min(layer.cols(), layer.scheme().groupSize());
    Comparator<Integer> descending = Comparator.<Integer>comparingDouble(c -> h[c][c]).reversed();
    Comparator<Integer> groups =
        Comparator.<Integer>comparingDouble(c ->
                IntStream.range(c / size * size, Math.min(layer.cols(), (c / size + 1) * size))
                    .mapToDouble(k -> h[k][k])
                    .average()
                    .orElseThrow())
            .reversed();
    return IntStream.range(0, layer.cols())
        .boxed()
        .sorted(
            switch (order) {
              case NATURAL -> (a, b) -> 0;
              case ACT -> descending;
              case GAR -> groups.thenComparing(descending);
            })
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /// What the groups of one row add to the loss under other parameters, each with the codes of all
  /// groups before it as the solver chose them.
  ///
  /// @param others parameters to try for a group whose values are given
  /// @return for each group in stored order the solver's own addition and the smallest of the
  ///   others
  static double[][] replay(
      Layer layer, int row, Layer.Result given, SolveOptions options, Candidates others) {
    int d = layer.cols();
    int size = Math.min(d, layer.scheme().groupSize());
    double[][] inverse = invert(layer.damped(options));
    double[] v = new double[d];
    for (int c = 0; c < d; c++) {
      v[c] = layer.weights()[row][c];
    }
    int[] order = order(layer, options.order());
    double[][] losses = new double[Math.ceilDiv(d, size)][2];
    for (int at = 0, to; at < d; at = to) {
      int group = order[at] / size;
      to = at + Math.min(size, d - group * size);
      int[] columns = Arrays.copyOfRange(order, at, to);
      double[] values = Arrays.stream(columns).mapToDouble(c -> v[c]).toArray();
      double best = Double.POSITIVE_INFINITY;
      for (double[] p : others.of(values)) {
        double[][] copy = Arrays.stream(inverse).map(double[]::clone).toArray(double[][]::new);
        best =
            Math.min(best, round(columns, new Grid(layer.scheme(), p[0], p[1]), v.clone(), copy));
      }
      losses[group][1] = best;
      losses[group][0] = round(columns, grid(layer, row, given, options, columns[0]), v, inverse);
    }
    return losses;
  }

  /// Parameters to try: pairs of a scale and a zero.
  interface Candidates {
    List<double[]> of(double[] values);
  }

  private static double round(int[] columns, Grid grid, double[] v, double[][] inverse) {
    double loss = 0;
    for (int j : columns) {
      loss += eliminate(j, grid.value(grid.nearest(v[j])), v, inverse);
    }
    return loss;
  }

  /// The values that one column may take.
  private record Grid(GroupScheme scheme, double scale, double zero) {
    double value(int code) {
      return switch (scheme.zero()) {
        case NONE -> scale * scheme.value(code);
        case POINT -> scale * (scheme.value(code) - zero);
        case BIAS -> scale * scheme.value(code) + zero;
      };
    }

    int nearest(double x) {
      return switch (scheme.zero()) {
        case NONE -> scheme.nearest((float) (x / scale));
        case POINT -> scheme.nearest((float) (Math.rint((float) (x / scale)) + zero));
        case BIAS -> scheme.nearest((float) ((x - zero) / scale));
      };
    }
  }

  private static Grid grid(
      Layer layer, int row, Layer.Result given, SolveOptions options, int column) {
    GroupScheme scheme = layer.scheme();
    int group = column / Math.min(layer.cols(), scheme.groupSize());
    float t = layer.tensorScale(options).value();
    int zero = given.zeros()[row][group];
    return new Grid(
        scheme,
        scheme.scaleValue(given.scales()[row][group]) * t,
        scheme.zero() == GroupScheme.Zero.BIAS ? scheme.scaleValue(zero) : zero);
  }

  static double[][] invert(double[][] m) {
    int d = m.length;
    double[][] a = new double[d][2 * d];
    for (int i = 0; i < d; i++) {
      System.arraycopy(m[i], 0, a[i], 0, d);
      a[i][d + i] = 1;
    }
    for (int p = 0; p < d; p++) {
      double pivot = a[p][p];
      for (int c = 0; c < 2 * d; c++) {
        a[p][c] /= pivot;
      }
      for (int r = 0; r < d; r++) {
        double f = a[r][p];
        for (int c = 0; r != p && f != 0 && c < 2 * d; c++) {
          a[r][c] -= f * a[p][c];
        }
      }
    }
    double[][] inverse = new double[d][d];
    for (int i = 0; i < d; i++) {
      System.arraycopy(a[i], d, inverse[i], 0, d);
    }
    return inverse;
  }
}
