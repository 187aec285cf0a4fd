package io.metalmarlin.runtime.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/// Native test data.
final class Memory {
  private Memory() {}

  static MemorySegment floats(int n) {
    return Arena.ofAuto().allocate(4L * Math.max(1, n), 64);
  }

  /// Values in [-2, 2).
  static MemorySegment random(int n, long seed) {
    SplittableRandom r = new SplittableRandom(seed);
    MemorySegment s = floats(n);
    for (int i = 0; i < n; i++) {
      s.setAtIndex(JAVA_FLOAT, i, (float) (r.nextDouble() * 4 - 2));
    }
    return s;
  }

  static MemorySegment copy(MemorySegment s) {
    MemorySegment c = Arena.ofAuto().allocate(s.byteSize(), 64);
    return c.copyFrom(s);
  }

  static float[] array(MemorySegment s, int n) {
    float[] a = new float[n];
    MemorySegment.copy(s, JAVA_FLOAT, 0, a, 0, n);
    return a;
  }
}
