package io.metalmarlin.formats.scheme.trellis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.TrellisMatrix;
import io.metalmarlin.formats.scheme.TrellisScheme;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/// The layout against a decoder written from its page with big numbers, and the values against
/// numbers that another program computed.
class TrellisPackingTest {
  static final List<TrellisPacking> PACKINGS = TrellisPacking.ALL;

  @Test
  void theValuesAreThoseOfThePage() {
    double sum = 0;
    double squares = 0;
    for (int state = 0; state < 4096; state++) {
      sum += TrellisScheme.value(state);
      squares += Math.pow(TrellisScheme.value(state), 2);
      long x = (state * 0x9e3779b1L + 0x7f4a7c15L) % (1L << 32);
      x ^= x / (1 << 15);
      x = x * 0x85ebca6bL % (1L << 32);
      if (x < 0) {
        x += 1L << 32;
      }
      x ^= x / (1 << 13);
      long bytes = x % 256 + x / 256 % 256 + x / 65536 % 256 + x / 16777216;
      assertThat(TrellisScheme.value(state)).isEqualTo((bytes - 510) * (1 / 147.165436f));
    }
    assertThat(sum / 4096).isCloseTo(0, within(.02));
    assertThat(squares / 4096).isCloseTo(1, within(1e-5));
  }

  @ParameterizedTest
  @FieldSource("PACKINGS")
  void theLayoutIsThatOfItsPage(TrellisPacking packing) {
    TrellisScheme scheme = packing.scheme();
    int bits = scheme.bits();
    int rows = 256 + 32;
    int cols = 128;
    int group = Math.min(cols, scheme.groupSize());
    int stride = cols * bits / 8;
    SplittableRandom random = new SplittableRandom(bits);
    byte[] symbols = new byte[rows * stride];
    random.nextBytes(symbols);
    int groups = cols / group;
    MemorySegment scales =
        MemorySegment.ofArray(new byte[rows * groups * scheme.scaleType().bytes()]);
    for (int i = 0; i < rows * groups; i++) {
      int code = scheme.scaleType().nearest((float) Math.exp(random.nextGaussian()));
      scheme.scaleType().put(scales, i, code);
    }
    TrellisMatrix m = packing.decode(List.of(MemorySegment.ofArray(symbols), scales), rows, cols);
    float[] decoded = new float[rows * cols];
    m.decode(0, rows, decoded);
    for (int row = 0; row < rows; row++) {
      int tile = row < 256 ? 0 : 256;
      int height = row < 256 ? 256 : 32;
      for (int col = 0; col < cols; col++) {
        int state = 0;
        for (int bit = 0; bit < 12; bit++) {
          int from = tile + (row - tile + bit / bits) % height;
          int at = col * bits + bit % bits;
          state += (symbols[from * stride + at / 8] >> at % 8 & 1) << bit;
        }
        int index = row * groups + col / group;
        float scale = scheme.scaleType().value(scheme.scaleType().code(scales, index));
        assertThat(decoded[row * cols + col]).isEqualTo(TrellisScheme.value(state) * scale);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"16, 100, input 100 is not a multiple of 32", "24, 64, output 24 is not a multiple"})
  void sizesThatDoNotFitAreRefused(int rows, int cols, String message) {
    assertThatThrownBy(() -> PACKINGS.getFirst().planes(rows, cols))
        .isInstanceOf(MarlinException.class)
        .hasMessageContaining(message);
  }
}
