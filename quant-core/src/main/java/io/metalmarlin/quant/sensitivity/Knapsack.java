package io.metalmarlin.quant.sensitivity;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The multiple-choice knapsack: one option of each unit, least loss within a budget, by dynamic
/// programming over buckets of the budget. Costs are rounded up to buckets, so the budget holds;
/// where all costs are multiples of a bucket the answer is exact.
final class Knapsack {
  /// Buckets where costs have no coarser common measure.
  static final int BUCKETS = 100_000;

  /// @param cost in bits or bytes
  record Option(long cost, double loss) {}

  /// @param picks the option of each unit
  /// @param bound no choice within the budget loses less (Lagrangian)
  /// @param bucket what costs were rounded up to multiples of; 1 or a common divisor: nothing was
  record Choice(int[] picks, long cost, double loss, double bound, long bucket) {}

  private final List<List<Option>> units;
  private final List<int[]> useful;
  private final long least;

  Knapsack(List<List<Option>> units) {
    this.units = units;
    this.useful = units.stream().map(Knapsack::useful).toList();
    long sum = 0;
    for (int u = 0; u < units.size(); u++) {
      sum += units.get(u).get(useful.get(u)[0]).cost();
    }
    this.least = sum;
  }

  /// Options that cost more and lose no less than another are left out; fewest costs first.
  private static int[] useful(List<Option> options) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < options.size(); i++) {
      order.add(i);
    }
    order.sort(
        Comparator.<Integer>comparingLong(i -> options.get(i).cost())
            .thenComparingDouble(i -> options.get(i).loss())
            .thenComparingInt(i -> i));
    List<Integer> kept = new ArrayList<>();
    for (int i : order) {
      if (kept.isEmpty() || options.get(i).loss() < options.get(kept.getLast()).loss()) {
        kept.add(i);
      }
    }
    return kept.stream().mapToInt(Integer::intValue).toArray();
  }

  /// The smallest cost that can be had.
  long least() {
    return least;
  }

  /// The cost of the choice that loses least.
  long most() {
    long sum = 0;
    for (int u = 0; u < units.size(); u++) {
      sum += units.get(u).get(useful.get(u)[useful.get(u).length - 1]).cost();
    }
    return sum;
  }

  /// The smallest loss that can be had.
  double leastLoss() {
    double sum = 0;
    for (int u = 0; u < units.size(); u++) {
      sum += units.get(u).get(useful.get(u)[useful.get(u).length - 1]).loss();
    }
    return sum;
  }

  /// Least loss within a budget; empty where even the cheapest choice costs more.
  Optional<Choice> within(long budget) {
    return solve(Math.min(budget, most()), Double.NEGATIVE_INFINITY);
  }

  /// Least cost with at most this loss; empty where every choice loses more.
  Optional<Choice> losing(double most) {
    return leastLoss() > most ? Optional.empty() : solve(most(), most);
  }

  private long rise(int unit, int place) {
    int[] of = useful.get(unit);
    return units.get(unit).get(of[place]).cost() - units.get(unit).get(of[0]).cost();
  }

  private long bucket(long slack) {
    long common = 0;
    for (int u = 0; u < units.size(); u++) {
      for (int k = 1; k < useful.get(u).length; k++) {
        common = gcd(common, rise(u, k));
      }
    }
    common = Math.max(1, common);
    return slack / common <= BUCKETS ? common : Math.ceilDiv(slack, BUCKETS);
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  /// @param enough the loss at which less cost is worth more; negative infinity for none
  private Optional<Choice> solve(long budget, double enough) {
    if (budget < least) {
      return Optional.empty();
    }
    long bucket = bucket(budget - least);
    int room = (int) ((budget - least) / bucket);
    double[] loss = new double[room + 1];
    byte[][] taken = new byte[units.size()][];
    for (int u = 0; u < units.size(); u++) {
      double[] next = new double[room + 1];
      Arrays.fill(next, Double.POSITIVE_INFINITY);
      byte[] take = new byte[room + 1];
      for (int k = 0; k < useful.get(u).length; k++) {
        double own = units.get(u).get(useful.get(u)[k]).loss();
        long width = Math.ceilDiv(rise(u, k), bucket);
        for (int c = (int) Math.min(width, room + 1L); c <= room; c++) {
          double sum = loss[c - (int) width] + own;
          if (sum < next[c]) {
            next[c] = sum;
            take[c] = (byte) k;
          }
        }
      }
      loss = next;
      taken[u] = take;
    }
    double wanted = Math.max(enough, loss[room]);
    int at = 0;
    while (loss[at] > wanted) {
      at++;
    }
    return Optional.of(choice(taken, at, bucket));
  }

  private Choice choice(byte[][] taken, int room, long bucket) {
    int[] picks = new int[units.size()];
    long cost = 0;
    double loss = 0;
    int at = room;
    for (int u = units.size() - 1; u >= 0; u--) {
      int place = taken[u][at];
      at -= (int) Math.ceilDiv(rise(u, place), bucket);
      picks[u] = useful.get(u)[place];
    }
    for (int u = 0; u < picks.length; u++) {
      cost += units.get(u).get(picks[u]).cost();
      loss += units.get(u).get(picks[u]).loss();
    }
    return new Choice(picks, cost, loss, bound(cost), bucket);
  }

  /// The largest `sum of min(loss + price * cost) - price * budget` over prices.
  private double bound(long budget) {
    double low = 0;
    double high = 1;
    while (relaxed(high, budget)[1] > budget && high < Double.MAX_VALUE / 4) {
      high *= 2;
    }
    double best = relaxed(0, budget)[0];
    for (int i = 0; i < 200; i++) {
      double price = (low + high) / 2;
      double[] r = relaxed(price, budget);
      best = Math.max(best, r[0]);
      if (r[1] > budget) {
        low = price;
      } else {
        high = price;
      }
    }
    return best;
  }

  /// @return value of the dual and the cost of its choice
  private double[] relaxed(double price, long budget) {
    double value = -price * budget;
    double cost = 0;
    for (int u = 0; u < units.size(); u++) {
      double best = Double.POSITIVE_INFINITY;
      long own = 0;
      for (int i : useful.get(u)) {
        Option o = units.get(u).get(i);
        double v = o.loss() + price * o.cost();
        if (v < best) {
          best = v;
          own = o.cost();
        }
      }
      value += best;
      cost += own;
    }
    return new double[] {value, cost};
  }
}
