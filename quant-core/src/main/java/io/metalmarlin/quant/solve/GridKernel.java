package io.metalmarlin.quant.solve;

/// What a scheme's grid does to many numbers at once; every lane on its own, no sums across lanes.
///
/// A lane's grid values are `scale * value(code)`, `(code - zero) * scale` or `code * scale +
/// zero`, as the scheme's [io.metalmarlin.formats.scheme.GroupScheme.Zero] says, each operation
/// rounded to fp32; `zero` is not read for schemes that have none. Scales are finite and not 0.
///
/// Lengths are multiples of [#LANES], so that no implementation has a tail.
interface GridKernel {
  /// Arrays are padded to a multiple of this; no vector is wider.
  int LANES = 16;

  /// Whether the codes of a column stand for values only together, so that none may change alone.
  default boolean joint() {
    return false;
  }

  /// Rounds `v[vFrom + i]` to the nearest grid value under scale and zero `from + i`: the value
  /// goes to `q[i]`, its code to `code[i]`. Nearest is what the scheme says of the quotient by the
  /// scale.
  void round(
      float[] v, int vFrom, float[] scale, float[] zero, int from, int n, float[] q, int[] code);

  /// The squared error of a group under one scale and zero per row, summed over the columns in
  /// order, in fp32 without contraction: `loss[i]` is the sum over c of `(w - q)^2` with `w =
  /// group[c * n + i]`. The product with the reciprocal scale stands for the quotient; next to a
  /// tie it may round to the other neighbour, which has the same error.
  void loss(float[] group, int columns, int n, float[] scale, float[] zero, float[] loss);
}
