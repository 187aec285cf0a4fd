package io.metalmarlin.runtime.blas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Both ways to run pieces.
class WorkersTest {
  enum Way {
    SLEEPING {
      @Override
      void run(Workers workers, int count, IntConsumer piece) {
        workers.run(count, piece);
      }
    },
    LOOKING {
      @Override
      void run(Workers workers, int count, IntConsumer piece) {
        workers.runBrief(count, piece);
      }
    };

    abstract void run(Workers workers, int count, IntConsumer piece);
  }

  @ParameterizedTest
  @CsvSource({
    "SLEEPING, 1",
    "SLEEPING, 2",
    "SLEEPING, 8",
    "LOOKING, 1",
    "LOOKING, 2",
    "LOOKING, 8"
  })
  void every_piece_is_run_once_call_after_call(Way way, int threads) {
    try (Workers workers = new Workers(threads)) {
      for (int count = 0; count < 300; count++) {
        AtomicIntegerArray runs = new AtomicIntegerArray(count + 1);
        way.run(workers, count, runs::incrementAndGet);
        for (int i = 0; i < count; i++) {
          assertThat(runs.get(i)).isEqualTo(1);
        }
      }
    }
  }

  @Test
  void both_ways_may_take_turns_with_pauses_of_any_length() throws InterruptedException {
    try (Workers workers = new Workers(2)) {
      for (int call = 0; call < 400; call++) {
        AtomicIntegerArray runs = new AtomicIntegerArray(5);
        Way.values()[call / 2 % 2].run(workers, 5, runs::incrementAndGet);
        for (int i = 0; i < 5; i++) {
          assertThat(runs.get(i)).isEqualTo(1);
        }
        // Around the time after which a thread that looks out for work goes to sleep.
        Thread.sleep(0, call % 20 * 10_000);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void what_pieces_wrote_is_seen_by_the_caller(Way way) {
    try (Workers workers = new Workers(2)) {
      long[] values = new long[64];
      for (long call = 1; call <= 2000; call++) {
        way.run(workers, values.length, i -> values[i]++);
        assertThat(values).containsOnly(call);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_piece_may_share_out_work_itself(Way way) {
    try (Workers workers = new Workers(3)) {
      AtomicIntegerArray runs = new AtomicIntegerArray(64);
      way.run(workers, 8, i -> way.run(workers, 8, j -> runs.incrementAndGet(8 * i + j)));
      for (int i = 0; i < 64; i++) {
        assertThat(runs.get(i)).isEqualTo(1);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void the_first_failure_is_thrown_and_the_threads_go_on(Way way) {
    try (Workers workers = new Workers(2)) {
      assertThatThrownBy(() ->
              way.run(
                  workers,
                  100,
                  i -> {
                    throw new IllegalArgumentException("piece");
                  }))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("piece");
      AtomicIntegerArray runs = new AtomicIntegerArray(1);
      way.run(workers, 50, i -> runs.incrementAndGet(0));
      assertThat(runs.get(0)).isEqualTo(50);
    }
  }

  @ParameterizedTest
  @EnumSource
  void an_interruption_is_kept_until_the_pieces_have_ended(Way way) {
    try (Workers workers = new Workers(2)) {
      AtomicIntegerArray runs = new AtomicIntegerArray(1);
      Thread.currentThread().interrupt();
      way.run(workers, 50, i -> runs.incrementAndGet(0));
      assertThat(Thread.interrupted()).isTrue();
      assertThat(runs.get(0)).isEqualTo(50);
    }
  }

  @ParameterizedTest
  @EnumSource
  void helpers_take_no_processor_time_while_there_is_no_work(Way way) throws InterruptedException {
    try (Workers workers = new Workers(2)) {
      AtomicIntegerArray runs = new AtomicIntegerArray(1);
      way.run(workers, 50, i -> runs.incrementAndGet(0));
      Thread.sleep(200);
      long before = helperNanos(workers);
      Thread.sleep(500);
      assertThat(helperNanos(workers) - before).isLessThan(2_000_000);
    }
  }

  @Test
  void the_caller_sleeps_while_a_helper_takes_long_over_its_last_piece() {
    ThreadMXBean times = ManagementFactory.getThreadMXBean();
    try (Workers workers = new Workers(2)) {
      Thread caller = Thread.currentThread();
      long before = times.getCurrentThreadCpuTime();
      workers.runBrief(
          2,
          i -> {
            if (Thread.currentThread() != caller) {
              pause(500);
            } else {
              // So that the helper gets the other one.
              pause(100);
            }
          });
      assertThat(times.getCurrentThreadCpuTime() - before).isLessThan(50_000_000);
    }
  }

  @ParameterizedTest
  @EnumSource
  void closing_ends_the_threads(Way way) throws InterruptedException {
    Workers workers = new Workers(3);
    way.run(workers, 50, i -> {});
    workers.close();
    for (Thread helper : workers.helpers()) {
      helper.join(5_000);
      assertThat(helper.isAlive()).isFalse();
    }
  }

  private static long helperNanos(Workers workers) {
    ThreadMXBean times = ManagementFactory.getThreadMXBean();
    return workers.helpers().stream().mapToLong(t -> times.getThreadCpuTime(t.threadId())).sum();
  }

  private static void pause(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
