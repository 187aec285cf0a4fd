package io.metalmarlin.quant.fold;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SmoothingTest {
  private static final int CHANNELS = 100;

  private final SplittableRandom random = new SplittableRandom(1);
  private final double[] inputs = random.doubles(CHANNELS, .5, 20).toArray();
  private final double[] columns = random.doubles(CHANNELS, .01, 1).toArray();

  @Test
  void the_exponents_are_the_rounded_logarithms_around_their_median() {
    int[] exponents = new Smoothing(.5, 0).exponents(new double[] {1, 16, 4096, .0625, 1}, ones(5));
    assertThat(exponents).containsExactly(0, 1, 3, -1, 0);
    exponents = new Smoothing(0, 1).exponents(ones(5), new double[] {1, 16, 4096, .0625, 1});
    assertThat(exponents).containsExactly(0, -2, -6, 2, 0);
  }

  /// Whatever a model's channels were multiplied by before, the same model comes out.
  @Test
  void with_exponents_that_sum_to_one_an_earlier_scaling_is_undone() {
    Smoothing smoothing = new Smoothing(.2, .8);
    int[] plain = smoothing.exponents(inputs, columns);
    int[] earlier = random.ints(CHANNELS, -3, 4).toArray();
    double[] scaledInputs = inputs.clone();
    double[] scaledColumns = columns.clone();
    for (int c = 0; c < CHANNELS; c++) {
      scaledInputs[c] *= Math.pow(4, earlier[c]);
      scaledColumns[c] *= Math.pow(4, -earlier[c]);
    }
    int[] scaled = smoothing.exponents(scaledInputs, scaledColumns);
    int shift = scaled[0] - earlier[0] - plain[0];
    for (int c = 0; c < CHANNELS; c++) {
      // The median is another, so that a rounding may fall to the other side.
      assertThat(scaled[c] - earlier[c] - shift).isBetween(plain[c] - 1, plain[c] + 1);
    }
  }

  @Test
  void what_nothing_makes_or_reads_stays() {
    double[] dead = inputs.clone();
    dead[3] = 0;
    double[] unread = columns.clone();
    unread[4] = 0;
    int[] exponents = new Smoothing(.5, .5).exponents(dead, unread);
    assertThat(exponents[3]).isZero();
    assertThat(exponents[4]).isZero();
    assertThat(new Smoothing(.5, .5).exponents(new double[2], new double[2])).containsExactly(0, 0);
  }

  private static double[] ones(int n) {
    double[] ones = new double[n];
    java.util.Arrays.fill(ones, 1);
    return ones;
  }
}
