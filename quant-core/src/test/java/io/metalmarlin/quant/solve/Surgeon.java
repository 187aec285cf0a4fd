package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import java.util.Comparator;
import java.util.stream.IntStream;

/// Optimal Brain Quantization by its definition: round a column, move all others by the explicit
/// inverse Hessian, eliminate the column from the inverse; double precision, one row at a time,
/// `O(d^3)`.
final class Surgeon {
  private Surgeon() {}

  /// Codes of one row of a layer, given the scales and zeros that a solver chose for it.
  static int[] codes(Layer layer, int row, Layer.Result given, SolveOptions options) {
    int d = layer.cols();
    double[][] h = layer.hessian();
    Comparator<Integer> descending = Comparator.<Integer>comparingDouble(c -> h[c][c]).reversed();
    int[] order =
        IntStream.range(0, d)
            .boxed()
            .sorted(options.order() == ColumnOrder.ACT ? descending : (a, b) -> 0)
            .mapToInt(Integer::intValue)
            .toArray();
    int[] codes = new int[d];
    double[][] inverse = invert(layer.damped(options.damping()));
    double[] v = new double[d];
    for (int c = 0; c < d; c++) {
      v[c] = layer.weights()[row][c];
    }
    for (int j : order) {
      Grid grid = grid(layer, row, given, options, j);
      codes[j] = grid.nearest(v[j]);
      double e = (v[j] - grid.value(codes[j])) / inverse[j][j];
      double[] line = inverse[j].clone();
      for (int c = 0; c < d; c++) {
        v[c] -= e * line[c];
      }
      for (int a = 0; a < d; a++) {
        double f = line[a] / line[j];
        for (int b = 0; f != 0 && b < d; b++) {
          inverse[a][b] -= f * line[b];
        }
      }
    }
    return codes;
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
