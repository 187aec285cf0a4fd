package io.metalmarlin.runtime.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.runtime.model.Scores;
import java.lang.foreign.MemorySegment;

/// What happens between the products of an attention: scores of one head become weights.
///
/// @param biases of the scores by position; empty for none
/// @param sinks the head's score that has no value; empty for none
record CpuSoftmax(CpuKernels kernels, Scores rules, float[] biases, float[] sinks) {
  static CpuSoftmax of(CpuKernels kernels, Scores rules, float[] sinks, int head, int tokens) {
    return new CpuSoftmax(
        kernels,
        rules,
        rules.alibi().map(a -> a.biases(head, tokens)).orElse(new float[0]),
        sinks.length == 0 ? sinks : new float[] {sinks[head]});
  }

  /// Columns that a row of scores needs behind its keys.
  int room() {
    return sinks.length;
  }

  /// Turns `keys` scores into unnormalised weights and the rest of `width` columns into zeros;
  /// behind them [#room] columns are overwritten.
  ///
  /// @param first position of the first key
  /// @return their sum
  float weights(MemorySegment scores, long at, int first, int keys, int width) {
    if (rules.softcap() > 0) {
      kernels.rows().softcap(scores, at, keys, rules.softcap());
    }
    if (biases.length > 0) {
      kernels.rows().addBias(scores, at, biases, first, keys);
    }
    if (sinks.length == 0) {
      return kernels.rows().exponentials(scores, at, keys, width);
    }
    long sink = at + 4L * keys;
    scores.set(JAVA_FLOAT_UNALIGNED, sink, sinks[0]);
    float sum = kernels.rows().exponentials(scores, at, keys + 1, width + 1);
    scores.set(JAVA_FLOAT_UNALIGNED, sink, 0f);
    return sum;
  }
}
