package io.metalmarlin.runtime.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class HistogramTest {
  @Test
  void every_value_is_counted_between_its_edges() {
    Random random = new Random(7);
    double[] edges = Histogram.of(new double[] {1}).edges().stream().mapToDouble(e -> e).toArray();
    double[] values =
        DoubleStream.concat(
                DoubleStream.of(0, 0, 1e-9, 5e3, edges[3], edges[3], edges[edges.length - 1]),
                DoubleStream.generate(() -> Math.pow(10, 11 * random.nextDouble() - 8)).limit(5000))
            .sorted()
            .toArray();
    Histogram h = Histogram.of(values);
    assertThat(h.counts()).hasSize(h.edges().size() + 1);
    for (int i = 0; i < h.counts().size(); i++) {
      double from = i == 0 ? Double.NEGATIVE_INFINITY : h.edges().get(i - 1);
      double to = i == h.edges().size() ? Double.POSITIVE_INFINITY : h.edges().get(i);
      long expected = Arrays.stream(values).filter(v -> v >= from && v < to).count();
      assertThat(h.counts().get(i)).as("from %s to %s", from, to).isEqualTo(expected);
    }
  }

  @Test
  void edges_are_the_same_for_every_run_and_ascend_from_1e_7_to_100() {
    Histogram one = Histogram.of(new double[] {0.5});
    assertThat(one.edges()).isSorted().hasSize(46).startsWith(1e-7).endsWith(100.0);
    assertThat(Histogram.of(new double[] {1e-3, 2}).edges()).isEqualTo(one.edges());
  }
}
