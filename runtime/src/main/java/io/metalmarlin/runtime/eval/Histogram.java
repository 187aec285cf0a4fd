package io.metalmarlin.runtime.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// How often values fell between fixed edges, which are the same for every run, so that histograms
/// of two runs can be laid over each other.
///
/// @param edges ascending
/// @param counts one more than edges: below the first, `[edges[i - 1], edges[i])`, at or above the
///   last
public record Histogram(List<Double> edges, List<Long> counts) {
  private static final int PER_DECADE = 5;
  private static final int LOWEST = -7;
  private static final int HIGHEST = 2;

  /// A fifth of a decade each, from 1e-7 to 100 nats: divergences of a good 8-bit model begin and
  /// those of a broken one end within.
  private static final List<Double> NATS =
      IntStream.rangeClosed(LOWEST * PER_DECADE, HIGHEST * PER_DECADE)
          .mapToObj(i -> Math.pow(10, (double) i / PER_DECADE))
          .toList();

  public Histogram {
    edges = List.copyOf(edges);
    counts = List.copyOf(counts);
  }

  /// @param sorted divergences in nats, ascending
  static Histogram of(double[] sorted) {
    List<Long> counts = new ArrayList<>();
    int before = 0;
    for (double edge : NATS) {
      int at = Arrays.binarySearch(sorted, edge);
      int below = at >= 0 ? first(sorted, at) : -at - 1;
      counts.add((long) below - before);
      before = below;
    }
    counts.add((long) sorted.length - before);
    return new Histogram(NATS, counts);
  }

  /// Of equal values the first one's place.
  private static int first(double[] sorted, int at) {
    int first = at;
    while (first > 0 && sorted[first - 1] == sorted[at]) {
      first--;
    }
    return first;
  }
}
