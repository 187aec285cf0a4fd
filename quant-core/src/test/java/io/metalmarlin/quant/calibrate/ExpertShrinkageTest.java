package io.metalmarlin.quant.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.runtime.blas.Workers;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

class ExpertShrinkageTest {
  private static final int COLS = 6;

  private List<Double> shares = List.of();

  @Test
  void few_tokens_lean_on_the_mean_and_many_do_not() {
    double[][] h = {matrix(1), matrix(2), new double[COLS * COLS]};
    long[] tokens = {12, 240, 0};
    List<InputStatistics> shrunk = shrink(h, tokens);
    for (int i = 0; i < COLS * COLS; i++) {
      double mean = (12 * h[0][i] + 240 * h[1][i]) / 252;
      assertThat(at(shrunk.get(0), i)).isCloseTo(.5 * h[0][i] + .5 * mean, within(1e-12));
      assertThat(at(shrunk.get(1), i)).isEqualTo(h[1][i]);
      assertThat(at(shrunk.get(2), i)).isCloseTo(mean, within(1e-12));
    }
    assertThat(shrunk).extracting(InputStatistics::tokens).containsExactly(12L, 240L, 0L);
    assertThat(shrunk.get(2).absMax()).isEqualTo(2);
    assertThat(shares).containsExactly(.5, 1.0, 0.0);
    shrunk.forEach(InputStatistics::close);
  }

  @Test
  void experts_that_all_saw_enough_are_left_alone() {
    double[][] h = {matrix(3), matrix(4)};
    List<InputStatistics> shrunk = shrink(h, new long[] {24, 25});
    assertThat(shrunk.getFirst().hessian().dup().data().asDouble()).isEqualTo(h[0]);
    shrunk.forEach(InputStatistics::close);
  }

  @Test
  void a_layer_that_no_token_reached_stays_without_statistics() {
    double[][] h = {new double[COLS * COLS], new double[COLS * COLS]};
    List<InputStatistics> shrunk = shrink(h, new long[] {0, 0});
    assertThat(shrunk.getFirst().hessian().dup().data().asDouble()).containsOnly(0);
    assertThat(shares).containsExactly(1.0, 1.0);
    shrunk.forEach(InputStatistics::close);
  }

  private List<InputStatistics> shrink(double[][] h, long[] tokens) {
    List<InputStatistics> all = new java.util.ArrayList<>();
    for (int e = 0; e < h.length; e++) {
      float absMax = tokens[e] == 0 ? 0 : e + 1;
      all.add(new InputStatistics(array(h[e]), tokens[e], absMax));
    }
    try (Workers workers = new Workers(2)) {
      shares = ExpertShrinkage.shrink(all, workers);
      return ExpertShrinkage.withInputs(all);
    }
  }

  private static org.nd4j.linalg.api.ndarray.INDArray array(double[] values) {
    var array = ArrayMemory.zeros(DataType.DOUBLE, COLS, COLS);
    array.assign(Nd4j.createFromArray(values).reshape('c', COLS, COLS));
    return array;
  }

  private static double at(InputStatistics s, int index) {
    return s.hessian().getDouble(index / COLS, index % COLS);
  }

  private static double[] matrix(int seed) {
    return new SplittableRandom(seed).doubles(COLS * COLS).toArray();
  }
}
