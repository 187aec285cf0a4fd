package io.metalmarlin.quant.sensitivity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.quant.sensitivity.Knapsack.Choice;
import io.metalmarlin.quant.sensitivity.Knapsack.Option;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Against trying every choice.
class KnapsackTest {
  @Test
  void loses_as_little_as_the_best_of_all_choices() {
    Random random = new Random(1);
    for (int round = 0; round < 500; round++) {
      List<List<Option>> units = units(random, 1 + random.nextInt(6), 1 << random.nextInt(12));
      Knapsack knapsack = new Knapsack(units);
      long budget =
          knapsack.least() + (long) (random.nextDouble() * (knapsack.most() - knapsack.least()));
      Choice found = knapsack.within(budget).orElseThrow();
      double best = Double.POSITIVE_INFINITY;
      long cheapest = Long.MAX_VALUE;
      for (int[] picks : all(units)) {
        if (cost(units, picks) <= budget) {
          double loss = loss(units, picks);
          if (loss < best - 1e-12) {
            cheapest = Long.MAX_VALUE;
          }
          best = Math.min(best, loss);
          cheapest =
              Math.abs(loss - best) < 1e-12 ? Math.min(cheapest, cost(units, picks)) : cheapest;
        }
      }
      assertThat(found.cost()).isLessThanOrEqualTo(budget).isEqualTo(cost(units, found.picks()));
      assertThat(found.loss()).isCloseTo(best, within(1e-12));
      assertThat(found.cost()).isEqualTo(cheapest);
      assertThat(found.bound()).isLessThanOrEqualTo(found.loss() + 1e-12);
    }
  }

  @Test
  void costs_as_little_as_the_cheapest_of_all_choices_that_lose_no_more() {
    Random random = new Random(2);
    for (int round = 0; round < 300; round++) {
      List<List<Option>> units = units(random, 1 + random.nextInt(6), 8);
      Knapsack knapsack = new Knapsack(units);
      double most = knapsack.leastLoss() + random.nextDouble();
      Choice found = knapsack.losing(most).orElseThrow();
      long cheapest =
          all(units).stream()
              .filter(p -> loss(units, p) <= most)
              .mapToLong(p -> cost(units, p))
              .min()
              .orElseThrow();
      assertThat(found.loss()).isLessThanOrEqualTo(most);
      assertThat(found.cost()).isEqualTo(cheapest);
    }
  }

  /// Costs without a common measure: what buckets lose stays below a bucket for each unit.
  @Test
  void rounding_up_to_buckets_never_breaks_the_budget() {
    Random random = new Random(3);
    List<List<Option>> units = new ArrayList<>();
    for (int u = 0; u < 40; u++) {
      List<Option> options = new ArrayList<>();
      for (int k = 0; k < 5; k++) {
        options.add(new Option(1_000_003L * (k + 1) + random.nextInt(1000), 1.0 / (k + 1 + u % 3)));
      }
      units.add(options);
    }
    Knapsack knapsack = new Knapsack(units);
    long budget = (knapsack.least() + knapsack.most()) / 2;
    Choice found = knapsack.within(budget).orElseThrow();
    assertThat(found.bucket()).isGreaterThan(1);
    assertThat(found.cost()).isBetween(budget - 3_000_000, budget);
    assertThat(found.loss() - found.bound()).isBetween(0.0, 0.2);
  }

  @Test
  void what_cannot_be_had_is_said() {
    Knapsack knapsack = new Knapsack(List.of(List.of(new Option(10, .5), new Option(20, .1))));
    assertThat(knapsack.within(9)).isEqualTo(Optional.empty());
    assertThat(knapsack.losing(.05)).isEqualTo(Optional.empty());
    assertThat(knapsack.within(10).orElseThrow().picks()).containsExactly(0);
    assertThat(knapsack.within(1 << 30).orElseThrow().picks()).containsExactly(1);
  }

  private static List<List<Option>> units(Random random, int count, int grain) {
    List<List<Option>> units = new ArrayList<>();
    for (int u = 0; u < count; u++) {
      List<Option> options = new ArrayList<>();
      for (int k = 0; k <= random.nextInt(4); k++) {
        // Few different losses, so that there are ties.
        options.add(new Option((long) grain * (1 + random.nextInt(40)), random.nextInt(8) / 8.0));
      }
      units.add(options);
    }
    return units;
  }

  private static List<int[]> all(List<List<Option>> units) {
    List<int[]> all = new ArrayList<>(List.of(new int[units.size()]));
    for (int u = 0; u < units.size(); u++) {
      List<int[]> more = new ArrayList<>();
      for (int[] picks : all) {
        for (int k = 0; k < units.get(u).size(); k++) {
          int[] next = picks.clone();
          next[u] = k;
          more.add(next);
        }
      }
      all = more;
    }
    return all;
  }

  private static long cost(List<List<Option>> units, int[] picks) {
    long sum = 0;
    for (int u = 0; u < picks.length; u++) {
      sum += units.get(u).get(picks[u]).cost();
    }
    return sum;
  }

  private static double loss(List<List<Option>> units, int[] picks) {
    double sum = 0;
    for (int u = 0; u < picks.length; u++) {
      sum += units.get(u).get(picks[u]).loss();
    }
    return sum;
  }
}
