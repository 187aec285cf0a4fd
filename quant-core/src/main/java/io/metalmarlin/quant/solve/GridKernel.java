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

  /// `loss[i] += (w[i] - scale[i] * value(nearest(w[i] / scale[i])))^2`, in fp32 without contraction.
  void addLoss(float[] w, int wFrom, float[] scale, int n, float[] loss);
}
