package io.metalmarlin.runtime.cpu;

import io.metalmarlin.runtime.model.Rope.Angles;
import java.util.Arrays;

/// Cosines and sines of the rotary angles of positions 0 .. n-1, `half` a position; grows on
/// demand. Angles are computed in fp64.
final class RopeTable {
  private final Angles angles;
  private final int half;
  private float[] cosines = new float[0];
  private float[] sines = new float[0];

  RopeTable(Angles angles) {
    this.angles = angles;
    this.half = angles.inverseFrequencies().size();
  }

  boolean isOf(Angles other) {
    return angles == other || angles.equals(other);
  }

  void cover(int positions) {
    int known = cosines.length / half;
    if (positions <= known) {
      return;
    }
    int wanted = Math.max(positions, 2 * known);
    cosines = Arrays.copyOf(cosines, wanted * half);
    sines = Arrays.copyOf(sines, wanted * half);
    for (int p = known; p < wanted; p++) {
      for (int i = 0; i < half; i++) {
        double angle = p * angles.inverseFrequencies().get(i);
        cosines[p * half + i] = (float) (Math.cos(angle) * angles.factor());
        sines[p * half + i] = (float) (Math.sin(angle) * angles.factor());
      }
    }
  }

  float[] cosines() {
    return cosines;
  }

  float[] sines() {
    return sines;
  }
}
