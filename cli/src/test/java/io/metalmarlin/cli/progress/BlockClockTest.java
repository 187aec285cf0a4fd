package io.metalmarlin.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BlockClockTest {
  @Test
  void before_the_first_block_is_done_the_plans_estimate_runs_down() {
    BlockClock c = new BlockClock(100, 0);
    c.blockStarted(0, 4, 5);
    assertThat(c.measured()).isFalse();
    assertThat(c.remaining(30)).hasValue(70);
    assertThat(c.remaining(130)).hasValue(0);
  }

  @Test
  void without_estimate_nothing_is_claimed() {
    assertThat(new BlockClock(Double.NaN, 0).remaining(1)).isEmpty();
  }

  @Test
  void measured_blocks_give_the_median_times_what_is_left() {
    BlockClock c = new BlockClock(1000, 0);
    double t = 0;
    for (double seconds : new double[] {30, 10, 12}) {
      c.blockStarted((int) t, 8, t);
      t += seconds;
      c.blockDone(t);
    }
    c.blockStarted(3, 8, t);
    assertThat(c.measured()).isTrue();
    assertThat(c.remaining(t)).hasValue(5 * 12);
    assertThat(c.remaining(t + 7)).hasValue(5 * 12 - 7);
  }

  @Test
  void nothing_is_left_after_the_last_block() {
    BlockClock c = new BlockClock(1000, 0);
    c.blockStarted(7, 8, 0);
    c.blockDone(10);
    assertThat(c.remaining(20)).isEmpty();
  }
}
