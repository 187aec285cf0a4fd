package io.metalmarlin.quant.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourceCheckTest {
  private static final short EXPONENT = 0x7f80;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 31, 32, 33, 62, 63, 64, 66})
  void findsTheFirstNonFiniteValueAtEveryPlace(int at) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment m = arena.allocate(2 * 67);
      for (int i = 0; i < 67; i++) {
        m.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) (i % 2 == 0 ? 0x7f7f : 0xff7f));
      }
      assertThat(SourceCheck.firstWithExponent16(m, EXPONENT)).isEqualTo(-1);
      m.setAtIndex(ValueLayout.JAVA_SHORT, at, (short) 0xff80);
      m.setAtIndex(ValueLayout.JAVA_SHORT, 66, (short) 0x7fc0);
      assertThat(SourceCheck.firstWithExponent16(m, EXPONENT)).isEqualTo(at);
    }
  }
}
