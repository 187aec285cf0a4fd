package io.metalmarlin.formats.number;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

class BF16Test {
  @Test
  void every_code_widens_and_narrows_to_itself() {
    for (int c = 0; c < 65536; c++) {
      float v = BF16.value((short) c);
      if (v != v) {
        assertThat(BF16.value(BF16.nearest(v))).isNaN();
      } else {
        assertThat(BF16.nearest(v)).isEqualTo((short) c);
      }
    }
  }

  @Test
  void every_middle_goes_to_the_even_neighbour_and_its_neighbours_to_the_nearer_one() {
    for (int c = 0; c < 0x7f7f; c++) {
      BigDecimal low = new BigDecimal(BF16.value((short) c));
      BigDecimal high = new BigDecimal(BF16.value((short) (c + 1)));
      float middle = low.add(high).divide(BigDecimal.TWO).floatValue();
      assertThat(BF16.nearest(middle)).isEqualTo((short) (c % 2 == 0 ? c : c + 1));
      assertThat(BF16.nearest(Math.nextDown(middle))).isEqualTo((short) c);
      assertThat(BF16.nearest(Math.nextUp(middle))).isEqualTo((short) (c + 1));
      assertThat(BF16.nearest(-middle)).isEqualTo((short) (0x8000 | (c % 2 == 0 ? c : c + 1)));
    }
  }

  @Test
  void too_large_becomes_infinite() {
    assertThat(BF16.round(Float.MAX_VALUE)).isInfinite();
  }
}
