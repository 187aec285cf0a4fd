package io.metalmarlin.runtime.decode;

import java.util.Arrays;
import java.util.BitSet;
import java.util.PriorityQueue;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Picks a token from logits.
final class Sampler {
  private final GenerateOptions options;

  Sampler(GenerateOptions options) {
    this.options = options;
  }

  /// @param draw number of the token in the text, the counter of the random numbers
  int pick(float[] logits, long draw) {
    int best = best(logits);
    if (options.temperature() == 0) {
      return best;
    }
    double[] p = new double[logits.length];
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      p[i] = Math.exp(((double) logits[i] - logits[best]) / options.temperature());
      sum += p[i];
    }
    double point = uniform(options.seed(), draw);
    if (options.topP() >= 1 && options.topK() == 0) {
      return walk(p, null, point * sum);
    }
    int[] order = best(p, sum);
    double among = options.topK() == 0 ? sum : sum(p, order);
    double kept = 0;
    int count = 0;
    while (count < order.length && (count == 0 || kept < options.topP() * among)) {
      kept += p[order[count++]];
    }
    return walk(p, Arrays.copyOf(order, count), point * kept);
  }

  /// The most probable ids, most probable first, equals by id: the `top-k` ones, or at least those
  /// that top-p can keep. What is less than an equal share of what top-p drops is not among them.
  private int[] best(double[] p, double sum) {
    double least = options.topK() == 0 ? (1 - options.topP()) * sum / p.length : leastOf(p);
    return IntStream.range(0, p.length)
        .filter(i -> p[i] >= least)
        .boxed()
        .sorted((a, b) -> Double.compare(p[b], p[a]))
        .limit(options.topK() == 0 ? p.length : options.topK())
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /// The probability of the least of the `top-k` ids.
  private double leastOf(double[] p) {
    PriorityQueue<Double> largest = new PriorityQueue<>();
    for (double v : p) {
      if (largest.size() < options.topK()) {
        largest.add(v);
      } else if (v > largest.peek()) {
        largest.poll();
        largest.add(v);
      }
    }
    return largest.peek();
  }

  private static double sum(double[] p, int[] order) {
    double sum = 0;
    for (int id : order) {
      sum += p[id];
    }
    return sum;
  }

  /// Makes what occurred less likely, by the repetition penalty.
  ///
  /// @param seen ids that occurred
  void penalize(float[] logits, BitSet seen) {
    double penalty = options.repetitionPenalty();
    if (penalty != 1) {
      seen.stream()
          .filter(id -> id < logits.length)
          .forEach(id ->
              logits[id] = (float) (logits[id] > 0 ? logits[id] / penalty : logits[id] * penalty));
    }
  }

  private static int walk(double[] p, int @Nullable [] order, double point) {
    int n = order == null ? p.length : order.length;
    double passed = 0;
    for (int i = 0; i < n; i++) {
      int id = order == null ? i : order[i];
      passed += p[id];
      if (point < passed) {
        return id;
      }
    }
    return order == null ? n - 1 : order[n - 1];
  }

  private static int best(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return best;
  }

  /// A number in [0, 1) that depends on the seed and the counter only (the finaliser of
  /// SplitMix64).
  static double uniform(long seed, long counter) {
    long z = seed * 0x9e3779b97f4a7c15L + (counter + 1) * 0xd1342543de82ef95L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return ((z ^ (z >>> 31)) >>> 11) * 0x1p-53;
  }
}
