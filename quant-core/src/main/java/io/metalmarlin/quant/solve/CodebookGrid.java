package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.codebook.CodebookScheme;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Symmetric codebooks in vector registers: a magnitude steps up the book as long as it reaches the
/// next midpoint.
final class CodebookGrid implements GridKernel {
  private static final VectorSpecies<Float> F = Lanes.SPECIES;
  private static final VectorSpecies<Integer> I = F.vectorShape().withLanes(int.class);

  private final float[] magnitudes;
  private final float[] midpoints;

  CodebookGrid(CodebookScheme book) {
    int half = 1 << book.bits() - 1;
    this.magnitudes = new float[half];
    this.midpoints = new float[half];
    for (int k = 0; k < half; k++) {
      magnitudes[k] = book.value(half + k);
      midpoints[k] = k == 0 ? 0 : book.midpoint(k);
    }
  }

  @Override
  public void round(
      float[] v, int vFrom, float[] scale, float[] zero, int from, int n, float[] q, int[] code) {
    int half = magnitudes.length;
    for (int i = 0; i < n; i += F.length()) {
      FloatVector s = FloatVector.fromArray(F, scale, from + i);
      FloatVector x = FloatVector.fromArray(F, v, vFrom + i).div(s);
      FloatVector magnitude = x.abs();
      FloatVector value = FloatVector.broadcast(F, magnitudes[0]);
      IntVector index = IntVector.zero(I);
      for (int k = 1; k < half; k++) {
        VectorMask<Float> above = magnitude.compare(VectorOperators.GE, midpoints[k]);
        value = value.blend(magnitudes[k], above);
        index = index.add(1, above.cast(I));
      }
      VectorMask<Float> negative = x.compare(VectorOperators.LT, 0);
      s.mul(value.lanewise(VectorOperators.NEG, negative)).intoArray(q, i);
      index.intoArray(code, i);
    }
    for (int i = 0; i < n; i++) {
      code[i] = v[vFrom + i] / scale[from + i] < 0 ? half - 1 - code[i] : half + code[i];
    }
  }

  @Override
  public void loss(float[] group, int columns, int n, float[] scale, float[] zero, float[] loss) {
    for (int i = 0; i < n; i += F.length()) {
      FloatVector s = FloatVector.fromArray(F, scale, i);
      FloatVector inverse = FloatVector.broadcast(F, 1).div(s);
      FloatVector sum = FloatVector.zero(F);
      for (int c = 0; c < columns; c++) {
        FloatVector w = FloatVector.fromArray(F, group, c * n + i).abs();
        FloatVector r = w.sub(s.mul(nearest(w.mul(inverse))));
        sum = sum.add(r.mul(r));
      }
      sum.intoArray(loss, i);
    }
  }

  private FloatVector nearest(FloatVector magnitude) {
    FloatVector value = FloatVector.broadcast(F, magnitudes[0]);
    for (int k = 1; k < magnitudes.length; k++) {
      value = value.blend(magnitudes[k], magnitude.compare(VectorOperators.GE, midpoints[k]));
    }
    return value;
  }
}
