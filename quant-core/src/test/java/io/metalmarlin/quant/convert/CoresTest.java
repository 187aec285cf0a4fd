package io.metalmarlin.quant.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class CoresTest {
  @Test
  void no_more_run_than_there_are_places() throws InterruptedException {
    Cores cores = new Cores(2);
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 5; t++) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < 200; i++) {
                  cores.run(() -> {
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    Thread.onSpinWait();
                    inside.decrementAndGet();
                  });
                }
              }));
    }
    for (Thread t : threads) {
      t.join();
    }
    assertThat(most.get()).isBetween(1, 2);
  }

  @Test
  @Timeout(10)
  void a_failure_gives_the_place_back() {
    Cores cores = new Cores(1);
    assertThatThrownBy(() ->
            cores.run(() -> {
              throw new IllegalStateException("no");
            }))
        .hasMessage("no");
    cores.run(() -> {});
  }
}
