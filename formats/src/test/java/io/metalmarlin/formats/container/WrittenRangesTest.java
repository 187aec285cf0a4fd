package io.metalmarlin.formats.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Against a set of bits.
class WrittenRangesTest {
  private static final int SIZE = 200;

  @Test
  void inAnyOrderTheyReachAsFarAsThereIsNoGap() {
    Random random = new Random(1);
    for (int round = 0; round < 200; round++) {
      WrittenRanges ranges = new WrittenRanges();
      BitSet bits = new BitSet(SIZE);
      boolean twice = false;
      for (int i = 0; i < 40; i++) {
        int begin = random.nextInt(SIZE);
        int end = Math.min(SIZE, begin + random.nextInt(round < 100 ? 12 : 3));
        if (round % 2 == 0 && !bits.get(begin, end).isEmpty()) {
          continue;
        }
        twice |= !bits.get(begin, end).isEmpty();
        bits.set(begin, end);
        ranges.add(begin, end);
        assertThat(ranges.settled()).isEqualTo(twice ? -1 : bits.nextClearBit(0));
      }
    }
  }
}
