package io.metalmarlin.quant.solve;

import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import java.util.Comparator;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/// Optimal Brain Quantization by its definition: round a column, move all others by the explicit
/// inverse Hessian, eliminate the column from the inverse; double precision, one row at a time,
/// `O(d^3)`.
final class Surgeon {
  private static final TestGrid GRID = new TestGrid();

  private Surgeon() {}

  /// Codes of one row of a layer, given its scale codes.
  static int[] codes(Layer layer, int row, int[] scales, SolveOptions options) {
    int d = layer.cols();
    double[][] h = layer.hessian();
    Comparator<Integer> descending = Comparator.<Integer>comparingDouble(c -> h[c][c]).reversed();
    int[] order =
        IntStream.range(0, d)
            .boxed()
            .sorted(options.order() == ColumnOrder.ACT ? descending : (a, b) -> 0)
            .mapToInt(Integer::intValue)
            .toArray();
    float t = layer.tensorScale(options).value();
    return codes(
        layer.weights()[row],
        layer.damped(options.damping()),
        order,
        c -> GRID.scaleValue(scales[c / 16]) * t);
  }

  private static int[] codes(
      float[] weights, double[][] h, int[] order, IntToDoubleFunction scale) {
    int d = weights.length;
    double[][] inverse = invert(h);
    double[] v = new double[d];
    for (int c = 0; c < d; c++) {
      v[c] = weights[c];
    }
    int[] codes = new int[d];
    for (int j : order) {
      double s = scale.applyAsDouble(j);
      codes[j] = GRID.nearest((float) (v[j] / s));
      double e = (v[j] - s * GRID.value(codes[j])) / inverse[j][j];
      double[] row = inverse[j].clone();
      for (int c = 0; c < d; c++) {
        v[c] -= e * row[c];
      }
      for (int a = 0; a < d; a++) {
        double f = row[a] / row[j];
        for (int b = 0; f != 0 && b < d; b++) {
          inverse[a][b] -= f * row[b];
        }
      }
    }
    return codes;
  }

  private static double[][] invert(double[][] m) {
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
