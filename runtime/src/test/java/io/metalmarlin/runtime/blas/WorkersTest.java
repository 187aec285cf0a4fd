package io.metalmarlin.runtime.blas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkersTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void every_piece_is_run_once_call_after_call(int threads) {
    try (Workers workers = new Workers(threads)) {
      for (int count = 0; count < 300; count++) {
        AtomicIntegerArray runs = new AtomicIntegerArray(count + 1);
        workers.run(count, runs::incrementAndGet);
        for (int i = 0; i < count; i++) {
          assertThat(runs.get(i)).isEqualTo(1);
        }
      }
    }
  }

  @Test
  void a_piece_may_share_out_work_itself() {
    try (Workers workers = new Workers(3)) {
      AtomicIntegerArray runs = new AtomicIntegerArray(64);
      workers.run(8, i -> workers.run(8, j -> runs.incrementAndGet(8 * i + j)));
      for (int i = 0; i < 64; i++) {
        assertThat(runs.get(i)).isEqualTo(1);
      }
    }
  }

  @Test
  void the_first_failure_is_thrown_and_the_threads_go_on() {
    try (Workers workers = new Workers(2)) {
      assertThatThrownBy(() ->
              workers.run(
                  100,
                  i -> {
                    throw new IllegalArgumentException("piece");
                  }))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("piece");
      AtomicIntegerArray runs = new AtomicIntegerArray(1);
      workers.run(50, i -> runs.incrementAndGet(0));
      assertThat(runs.get(0)).isEqualTo(50);
    }
  }

  @Test
  void an_interruption_is_kept_until_the_pieces_have_ended() {
    try (Workers workers = new Workers(2)) {
      AtomicIntegerArray runs = new AtomicIntegerArray(1);
      Thread.currentThread().interrupt();
      workers.run(50, i -> runs.incrementAndGet(0));
      assertThat(Thread.interrupted()).isTrue();
      assertThat(runs.get(0)).isEqualTo(50);
    }
  }
}
