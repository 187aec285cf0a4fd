package io.metalmarlin.quant.solve;

import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
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
  static int[] lastToFirst(ColumnOrder order, double[] diagonal) {
    int d = diagonal.length;
    int[] firstToLast =
        switch (order) {
          case NATURAL -> IntStream.range(0, d).toArray();
          case ACT ->
              IntStream.range(0, d)
                  .boxed()
                  .sorted(Comparator.<Integer>comparingDouble(c -> diagonal[c]).reversed())
                  .mapToInt(Integer::intValue)
                  .toArray();
        };
    return IntStream.range(0, d).map(position -> firstToLast[d - 1 - position]).toArray();
  }
}
