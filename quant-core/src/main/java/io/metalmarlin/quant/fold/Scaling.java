package io.metalmarlin.quant.fold;

/// Powers of two by which the rows and columns of a tensor are multiplied.
///
/// @param block the decoder block of the tensor
/// @param rows binary logarithms, one for each row (value, where the tensor is a vector); empty for
///   none
/// @param columns likewise
record Scaling(int block, int[] rows, int[] columns) {
  static Scaling ofRows(int block, int[] exponents) {
    return new Scaling(block, exponents, new int[0]);
  }

  static Scaling ofColumns(int block, int[] exponents) {
    return new Scaling(block, new int[0], exponents);
  }

  /// Both, one after the other.
  Scaling and(Scaling other) {
    return new Scaling(block, sum(rows, other.rows), sum(columns, other.columns));
  }

  private static int[] sum(int[] a, int[] b) {
    if (a.length == 0 || b.length == 0) {
      return a.length == 0 ? b : a;
    }
    int[] sum = a.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += b[i];
    }
    return sum;
  }

  /// Scales one row in place.
  void apply(float[] values, int row) {
    int all = rows.length == 0 ? 0 : rows[row];
    for (int c = 0; c < values.length; c++) {
      values[c] = Math.scalb(values[c], all + (columns.length == 0 ? 0 : columns[c]));
    }
  }
}
