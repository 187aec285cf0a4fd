package io.metalmarlin.quant.sensitivity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RanksTest {
  @Test
  void only_the_order_counts() {
    double[] a = {1, 2, 3, 4};
    assertThat(Ranks.correlation(a, new double[] {1, 10, 100, 1000})).isEqualTo(1);
    assertThat(Ranks.correlation(a, new double[] {4, 3, 2, 1})).isEqualTo(-1);
  }

  /// 1 - 6 sum d^2 / (n (n^2 - 1)) with d = 0, 1, 1, 0.
  @Test
  void one_swap() {
    assertThat(Ranks.correlation(new double[] {1, 2, 3, 4}, new double[] {1, 3, 2, 4}))
        .isCloseTo(0.8, within(1e-12));
  }

  /// Pearson's correlation of the ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: 4.5 / sqrt(4.5 * 5).
  @Test
  void equal_values_share_their_rank() {
    assertThat(Ranks.correlation(new double[] {1, 2, 2, 3}, new double[] {1, 2, 3, 4}))
        .isCloseTo(4.5 / Math.sqrt(22.5), within(1e-12));
  }

  @Test
  void nothing_to_compare() {
    assertThat(Ranks.correlation(new double[] {1}, new double[] {1})).isNaN();
  }
}
