package io.metalmarlin.quant.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ScratchPoolTest {
  private static final long MIB = 1L << 20;

  @Test
  void memory_is_used_again_and_pieces_do_not_overlap() {
    try (ScratchPool pool = new ScratchPool(1)) {
      // The first time tells how much is wanted.
      pool.lend(3 * MIB, m -> m.allocate(MIB, 64).address() + m.allocate(2 * MIB, 64).address());
      long first = pool.lend(3 * MIB, m -> m.allocate(MIB, 64).address());
      pool.lend(
          3 * MIB,
          m -> {
            MemorySegment a = m.allocate(MIB + 1, 64);
            MemorySegment b = m.allocate(MIB, 64);
            assertThat(a.address()).isEqualTo(first);
            assertThat(b.address()).isGreaterThan(a.address() + MIB).isEqualTo(b.address() & -64);
            return 0;
          });
    }
  }

  @Test
  void no_more_is_lent_than_there_is_however_many_ask() {
    AtomicLong lent = new AtomicLong();
    AtomicLong most = new AtomicLong();
    try (ScratchPool pool = new ScratchPool(4)) {
      IntStream.range(0, 64)
          .parallel()
          .forEach(i ->
              pool.lend(
                  100 * MIB,
                  m -> {
                    most.accumulateAndGet(lent.addAndGet(100), Math::max);
                    Thread.onSpinWait();
                    return lent.addAndGet(-100);
                  }));
    }
    assertThat(most.get()).isBetween(100L, 256L);
  }

  @Test
  void one_that_wants_more_than_there_is_gets_it_alone() {
    try (ScratchPool pool = new ScratchPool(2)) {
      long size = pool.lend(10_000 * MIB, m -> m.allocate(300 * MIB, 64).byteSize());
      assertThat(size).isEqualTo(300 * MIB);
    }
  }
}
