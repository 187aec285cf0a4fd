package io.metalmarlin.runtime.decode;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.model.Sequences;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// Whole forward passes for tests.
final class Runs {
  private Runs() {}

  static float[] values(Backend backend, Tensor t) {
    float[] out = new float[t.rows() * t.cols()];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(4L * out.length);
      backend.read(t, host);
      MemorySegment.copy(host, JAVA_FLOAT, 0, out, 0, out.length);
    }
    return out;
  }

  /// Logits of all positions of one fresh sequence.
  static float[] logits(Model model, Backend backend, int[] ids) {
    try (Decoder decoder = new Decoder(model.spec(), model.weights(), backend);
        Tensor hidden = backend.allocate(ids.length, model.spec().hidden());
        Tensor out = backend.allocate(ids.length, model.spec().vocabulary())) {
      decoder.forward(ids, hidden, Sequences.fresh(1, ids.length), null);
      decoder.logits(hidden, 0, ids.length, out);
      return values(backend, out);
    }
  }

  static List<Integer> generate(
      Model model, Backend backend, int[] prompt, GenerateOptions options) {
    List<Integer> ids = new ArrayList<>();
    try (Decoder decoder = new Decoder(model.spec(), model.weights(), backend)) {
      new Generator(decoder).run(prompt, options, ids::add);
    }
    return ids;
  }

  static double largestDifference(float[] a, float[] b) {
    if (a.length != b.length) {
      throw new IllegalArgumentException(a.length + " and " + b.length);
    }
    double max = 0;
    for (int i = 0; i < a.length; i++) {
      double d = Math.abs((double) a[i] - b[i]);
      max = d > max || Double.isNaN(d) ? d : max;
    }
    return max;
  }
}
