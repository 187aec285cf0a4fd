package io.metalmarlin.formats.number;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class E2M1Test {
  /// Brute force over the eight magnitudes in double; halves to the even code, no overflow.
  private static int naive(float x) {
    double a = Math.min(6, Math.abs((double) x));
    double[] grid = {0, .5, 1, 1.5, 2, 3, 4, 6};
    int best = 0;
    for (int c = 1; c < 8; c++) {
      double d = Math.abs(grid[c] - a);
      double bestD = Math.abs(grid[best] - a);
      if (d < bestD || d == bestD && c % 2 == 0) {
        best = c;
      }
    }
    return best | (x < 0 ? 8 : 0);
  }

  @Test
  void every_code_rounds_to_itself_except_minus_zero() {
    for (int c = 0; c < 16; c++) {
      assertThat(E2M1.nearest(E2M1.value(c))).isEqualTo(c == 8 ? 0 : c);
    }
  }

  @Test
  void boundaries_and_their_neighbours_follow_the_naive_definition() {
    for (float b : new float[] {0, .25f, .75f, 1.25f, 1.75f, 2.5f, 3.5f, 5f, 6f, 1e-40f, 1e30f}) {
      for (float x : new float[] {b, Math.nextUp(b), Math.nextDown(b)}) {
        assertThat(E2M1.nearest(x)).as("%s", x).isEqualTo(naive(x));
        assertThat(E2M1.nearest(-x)).as("%s", -x).isEqualTo(naive(-x));
      }
    }
  }

  @Test
  void random_values_follow_the_naive_definition() {
    RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
    for (int i = 0; i < 100_000; i++) {
      float x = (float) (random.nextGaussian() * 3);
      assertThat(E2M1.nearest(x)).as("%s", x).isEqualTo(naive(x));
    }
  }

  @Test
  void infinity_saturates_and_nan_is_refused() {
    assertThat(E2M1.nearest(Float.POSITIVE_INFINITY)).isEqualTo(7);
    assertThat(E2M1.nearest(Float.NEGATIVE_INFINITY)).isEqualTo(15);
    assertThatThrownBy(() -> E2M1.nearest(Float.NaN)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void a_value_just_below_zero_keeps_its_sign_and_minus_zero_does_not() {
    assertThat(E2M1.nearest(-1e-30f)).isEqualTo(8);
    assertThat(E2M1.nearest(-0f)).isEqualTo(0);
  }
}
