package io.metalmarlin.formats.scheme.ggml;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// What the vector kernels share. A lane holds a group, so every group's sums keep their order and
/// the bits are those of [ScalarKernels].
final class Lanes {
  static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  static final int COUNT = FLOATS.length();

  private static final int MAGIC_BITS = Float.floatToRawIntBits(Rounding.MAGIC);

  private Lanes() {}

  /// Puts `groups` groups of `size` numbers of `from[o ..]` side by side: number `i` of group `g`
  /// comes to `to[i * COUNT + g]`.
  static void transpose(float[] from, int o, int groups, int size, float[] to) {
    for (int g = 0; g < groups; g++) {
      for (int i = 0; i < size; i++) {
        to[i * COUNT + g] = from[o + g * size + i];
      }
    }
  }

  /// `max(low, min(high, Rounding.nearest(v)))` as a float, bit for bit, whatever `v` is.
  static FloatVector nearest(FloatVector v, int low, int high) {
    return (FloatVector) nearestInt(v, low, high).convert(VectorOperators.I2F, 0);
  }

  /// `max(low, min(high, Rounding.nearest(v)))`.
  static IntVector nearestInt(FloatVector v, int low, int high) {
    return v.add(Rounding.MAGIC).reinterpretAsInts().and(0x7fffff).sub(0x400000).min(high).max(low);
  }

  /// As [#nearest], for magnitudes below 2^22 only.
  static FloatVector nearestTame(FloatVector v, int low, int high) {
    return v.add(Rounding.MAGIC)
        .reinterpretAsInts()
        .min(MAGIC_BITS + high)
        .max(MAGIC_BITS + low)
        .reinterpretAsFloats()
        .sub(Rounding.MAGIC);
  }

  /// Lanes of the first `groups` groups.
  static VectorMask<Float> first(int groups) {
    return FLOATS.indexInRange(0, groups);
  }
}
