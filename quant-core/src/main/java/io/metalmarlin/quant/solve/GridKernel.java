package io.metalmarlin.quant.solve;

/// What a scheme's grid does to many numbers at once; every lane on its own, no sums across lanes.
///
/// Lengths are multiples of [#LANES], so that no implementation has a tail.
interface GridKernel {
  /// Arrays are padded to a multiple of this; no vector is wider.
  int LANES = 16;

  /// Rounds `v[i]` to the nearest `scale[i] * grid value`: `q[i] = scale[i] * value(code[i])` with
  /// `code[i] = nearest(v[i] / scale[i])`. Scales are positive.
  void round(float[] v, int vFrom, float[] scale, int scaleFrom, int n, float[] q, int[] code);

  /// The squared error of a group under one scale per row, summed over the columns in order, in
  /// fp32 without contraction: `loss[i] = sum over c of (w - scale[i] * value(nearest(w * (1 /
  /// scale[i]))))^2` with `w = group[c * n + i]`. Next to a tie the product with the reciprocal may
  /// round to the other neighbour, which has the same error.
  void loss(float[] group, int columns, int n, float[] scale, float[] loss);
}
