package io.metalmarlin.runtime.decode;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.runtime.model.Router;
import io.metalmarlin.runtime.model.Router.Groups;
import io.metalmarlin.runtime.model.Router.Score;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Where the tokens of a batch go. Token `t` has the slots `t * chosen` to `t * chosen + chosen -
/// 1`, one for each of its experts.
///
/// @param experts of each slot
/// @param weights of each slot
record Routing(int chosen, int[] experts, float[] weights) {
  /// Chooses by the router's logits, in fp64.
  ///
  /// @param correction values of [Router#correction]; empty for none
  static Routing of(Router router, float[] correction, MemorySegment logits, int rows) {
    int n = router.experts();
    int k = router.chosen();
    int[] experts = new int[rows * k];
    float[] weights = new float[rows * k];
    double[] scores = new double[n];
    for (int t = 0; t < rows; t++) {
      for (int e = 0; e < n; e++) {
        scores[e] = logits.getAtIndex(JAVA_FLOAT_UNALIGNED, (long) t * n + e);
      }
      score(router.score(), scores);
      double[] order = scores.clone();
      for (int e = 0; e < correction.length; e++) {
        order[e] += correction[e];
      }
      router.groups().ifPresent(g -> keepGroups(g, order));
      int[] best = best(order, 0, n, k);
      double sum = 0;
      for (int e : best) {
        sum += scores[e];
      }
      double factor = router.scale() / (router.normalised() ? sum : 1);
      for (int s = 0; s < k; s++) {
        experts[t * k + s] = best[s];
        weights[t * k + s] = (float) (scores[best[s]] * factor);
      }
    }
    return new Routing(k, experts, weights);
  }

  /// The slots of each expert, in token order.
  int[][] slots(int count) {
    int[] sizes = new int[count];
    for (int e : experts) {
      sizes[e]++;
    }
    int[][] slots = new int[count][];
    for (int e = 0; e < count; e++) {
      slots[e] = new int[sizes[e]];
    }
    int[] filled = new int[count];
    for (int s = 0; s < experts.length; s++) {
      int e = experts[s];
      slots[e][filled[e]++] = s;
    }
    return slots;
  }

  /// The tokens of slots.
  int[] tokens(int[] slots) {
    return Arrays.stream(slots).map(s -> s / chosen).toArray();
  }

  /// The weights of slots.
  float[] weights(int[] slots) {
    float[] of = new float[slots.length];
    for (int i = 0; i < slots.length; i++) {
      of[i] = weights[slots[i]];
    }
    return of;
  }

  private static void score(Score score, double[] x) {
    if (score == Score.SIGMOID) {
      for (int e = 0; e < x.length; e++) {
        x[e] = 1 / (1 + StrictMath.exp(-x[e]));
      }
      return;
    }
    double max = Arrays.stream(x).max().orElseThrow();
    double sum = 0;
    for (int e = 0; e < x.length; e++) {
      x[e] = StrictMath.exp(x[e] - max);
      sum += x[e];
    }
    for (int e = 0; e < x.length; e++) {
      x[e] /= sum;
    }
  }

  /// Experts of the other groups get a score that none is chosen by.
  private static void keepGroups(Groups groups, double[] order) {
    int size = order.length / groups.count();
    double[] sums = new double[groups.count()];
    for (int g = 0; g < sums.length; g++) {
      for (int e : best(order, g * size, (g + 1) * size, groups.best())) {
        sums[g] += order[e];
      }
    }
    boolean[] kept = new boolean[sums.length];
    for (int g : best(sums, 0, sums.length, groups.kept())) {
      kept[g] = true;
    }
    for (int e = 0; e < order.length; e++) {
      order[e] = kept[e / size] ? order[e] : Double.NEGATIVE_INFINITY;
    }
  }

  /// The indices in `[from, to)` of the `k` largest values; of equal ones the first.
  private static int[] best(double[] values, int from, int to, int k) {
    int[] best = new int[k];
    int found = 0;
    for (int i = from; i < to; i++) {
      int at = found;
      while (at > 0 && values[i] > values[best[at - 1]]) {
        at--;
      }
      if (at < k) {
        found = Math.min(k, found + 1);
        System.arraycopy(best, at, best, at + 1, found - at - 1);
        best[at] = i;
      }
    }
    return best;
  }
}
