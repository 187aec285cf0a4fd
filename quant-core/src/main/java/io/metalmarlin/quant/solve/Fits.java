package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.Profile;
import java.util.Arrays;

/// Scales and zeros of many groups, as they are stored and as numbers. Lies at index `group *
/// stride + row` where several groups of several rows are held.
final class Fits {
  /// Bits of the scales.
  final int[] scaleCodes;

  /// Zero points, or bits of the biases; 0 for schemes without zeros.
  final int[] zeroCodes;

  /// Effective scales, what a grid value is multiplied by: finite and not 0.
  final float[] scales;

  /// Zero points or biases as numbers.
  final float[] zeros;

  /// Scales and biases before they were rounded, for producers that find codes under them; NaN for
  /// the others.
  final float[] exactScales;

  final float[] exactZeros;

  Fits(int count) {
    scaleCodes = new int[count];
    zeroCodes = new int[count];
    scales = new float[count];
    zeros = new float[count];
    exactScales = new float[count];
    exactZeros = new float[count];
    Arrays.fill(exactScales, Float.NaN);
    Arrays.fill(exactZeros, Float.NaN);
  }

  /// What a packing calls the parameters at an index.
  Profile.Fit fit(int i) {
    return new Profile.Fit(scaleCodes[i], zeroCodes[i], exactScales[i], exactZeros[i]);
  }

  /// Takes over the parameters at `from` of another.
  void set(int i, Fits other, int from) {
    scaleCodes[i] = other.scaleCodes[from];
    zeroCodes[i] = other.zeroCodes[from];
    scales[i] = other.scales[from];
    zeros[i] = other.zeros[from];
  }
}
