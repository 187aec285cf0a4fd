package io.metalmarlin.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class MeanwhileTest {
  @Test
  void the_caller_goes_on_until_it_asks() {
    CountDownLatch asked = new CountDownLatch(1);
    try (Meanwhile<String> work =
        new Meanwhile<>(
            "test",
            () -> {
              await(asked);
              return "done";
            })) {
      asked.countDown();
      assertThat(work.get()).isEqualTo("done");
    }
  }

  @Test
  void a_failure_is_thrown_as_it_was_when_asked_for() {
    IllegalArgumentException failure = new IllegalArgumentException("broken");
    try (Meanwhile<String> work =
        new Meanwhile<>(
            "test",
            () -> {
              throw failure;
            })) {
      assertThatThrownBy(work::get).isSameAs(failure);
    }
  }

  @Test
  void closing_waits_for_the_work_and_keeps_its_failure_to_itself() {
    AtomicBoolean ended = new AtomicBoolean();
    new Meanwhile<String>(
            "test",
            () -> {
              pause();
              ended.set(true);
              throw new IllegalStateException("late");
            })
        .close();
    assertThat(ended).isTrue();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
