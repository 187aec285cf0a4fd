package io.metalmarlin.formats.scheme.blocks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/// Codes moved eight at once lie where moving them one by one puts them, and come back.
class CodeOrderTest {
  private final Random random = new Random(5);

  @Test
  void nibbles() {
    for (int i = 0; i < 1000; i++) {
      long packed = random.nextLong();
      long bytes = CodeOrder.zip(packed);
      for (int k = 0; k < 8; k++) {
        assertThat(bytes >>> 8 * k & 15).isEqualTo(packed >>> 4 * k & 15);
        assertThat(bytes >>> 8 * k + 4 & 15).isEqualTo(packed >>> 4 * k + 32 & 15);
      }
      assertThat(CodeOrder.unzip(bytes)).isEqualTo(packed);
    }
  }

  @Test
  void codes_of_five_bits() {
    for (int i = 0; i < 1000; i++) {
      long packed = random.nextLong() & 0xff_ffff_ffffL;
      long bytes = CodeOrder.spreadFive(packed);
      for (int k = 0; k < 8; k++) {
        assertThat(bytes >>> 8 * k & 0xff).isEqualTo(packed >>> 5 * k & 31);
      }
      assertThat(CodeOrder.gatherFive(bytes | 0xe0e0_e0e0_e0e0_e0e0L)).isEqualTo(packed);
    }
  }

  @Test
  void single_bits() {
    for (int bits = 0; bits < 256; bits++) {
      long bytes = CodeOrder.spreadBits(bits);
      for (int k = 0; k < 8; k++) {
        assertThat(bytes >>> 8 * k & 0xff).isEqualTo(bits >> k & 1);
      }
      assertThat(CodeOrder.gatherBits(bytes | 0xfefe_fefe_fefe_fefeL)).isEqualTo(bits);
    }
  }
}
