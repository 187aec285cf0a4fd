package io.metalmarlin.quant.solve;

import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/// In which order error feedback rounds the columns.
final class ColumnOrders {
  private ColumnOrders() {}

  /// Stored column numbers, the one rounded **last** first.
  ///
  /// Position 0 is the last rounded column because the factor then is a plain lower Cholesky
  /// factor; see [ColumnFactor].
  ///
  /// @param diagonal of H, undamped; ties are rounded in stored order
  /// @param unit columns that stay together, in stored order: a divisor of their number; units are
  ///   ordered by the sum of their diagonal. For group-aware order the size of a group
  static int[] lastToFirst(ColumnOrder order, double[] diagonal, int unit) {
    int d = diagonal.length;
    if (order == ColumnOrder.GAR) {
      return groupAware(diagonal, unit);
    }
    double[] sums = new double[d / unit];
    for (int c = 0; c < d; c++) {
      sums[c / unit] += diagonal[c];
    }
    IntStream units = IntStream.range(0, sums.length);
    IntStream ordered =
        switch (order) {
          case NATURAL -> units;
          case ACT ->
              units
                  .boxed()
                  .sorted(Comparator.<Integer>comparingDouble(u -> sums[u]).reversed())
                  .mapToInt(Integer::intValue);
          case GAR -> throw new IllegalStateException();
        };
    int[] firstToLast = ordered.flatMap(u -> IntStream.range(u * unit, (u + 1) * unit)).toArray();
    return IntStream.range(0, d).map(position -> firstToLast[d - 1 - position]).toArray();
  }

  /// Groups by descending mean, columns inside a group by descending diagonal.
  private static int[] groupAware(double[] diagonal, int size) {
    int d = diagonal.length;
    double[] means = new double[Math.ceilDiv(d, size)];
    for (int g = 0; g < means.length; g++) {
      int to = Math.min(d, (g + 1) * size);
      means[g] = Arrays.stream(diagonal, g * size, to).average().orElse(0);
    }
    int[] firstToLast =
        IntStream.range(0, d)
            .boxed()
            .sorted(
                Comparator.<Integer>comparingDouble(c -> -means[c / size])
                    .thenComparingInt(c -> c / size)
                    .thenComparingDouble(c -> -diagonal[c]))
            .mapToInt(Integer::intValue)
            .toArray();
    return IntStream.range(0, d).map(position -> firstToLast[d - 1 - position]).toArray();
  }
}
