package io.metalmarlin.formats.scheme.codebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.ScaleType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The books against the definition of Lloyd-Max points, and the layout against a decoder written
/// from its page.
class CodebookPackingTest {
  static final List<CodebookPacking> PACKINGS = CodebookPacking.ALL;

  private static final double END = 12;
  private static final int STEPS = 2_000_000;

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void everyValueIsTheMeanOfItsCellOfTheNormalDistribution(int bits) {
    CodebookScheme book = new CodebookScheme(bits, 64, ScaleType.F16);
    int half = 1 << bits - 1;
    double[] mass = new double[half];
    double[] moment = new double[half];
    for (int i = 0; i < STEPS; i++) {
      double x = (i + .5) * END / STEPS;
      double density = Math.exp(-x * x / 2);
      int cell = 0;
      while (cell + 1 < half && x >= (book.value(half + cell) + book.value(half + cell + 1)) / 2) {
        cell++;
      }
      mass[cell] += density;
      moment[cell] += density * x;
    }
    for (int k = 0; k < half; k++) {
      assertThat(moment[k] / mass[k]).isCloseTo(book.value(half + k), within(2e-5));
      assertThat(book.value(half - 1 - k)).isEqualTo(-book.value(half + k));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void nearestIsNearest(int bits) {
    CodebookScheme book = new CodebookScheme(bits, 64, ScaleType.F16);
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 20_000; i++) {
      float x = (float) (1.5 * random.nextGaussian());
      double best = Double.POSITIVE_INFINITY;
      for (int code = 0; code < 1 << bits; code++) {
        best = Math.min(best, Math.abs((double) x - book.value(code)));
      }
      assertThat(Math.abs((double) x - book.value(book.nearest(x)))).isCloseTo(best, within(1e-7));
    }
  }

  @ParameterizedTest
  @FieldSource("PACKINGS")
  void theLayoutIsThatOfItsPage(CodebookPacking packing) {
    CodebookScheme book = packing.scheme();
    int rows = 3;
    int cols = 256;
    int bits = book.bits();
    int group = Math.min(cols, book.groupSize());
    SplittableRandom random = new SplittableRandom(bits);
    byte[] codes = new byte[rows * cols * bits / 8];
    random.nextBytes(codes);
    int groups = cols / group;
    MemorySegment scales =
        MemorySegment.ofArray(new byte[rows * groups * book.scaleType().bytes()]);
    for (int i = 0; i < rows * groups; i++) {
      book.scaleType().put(scales, i, book.nearestScale((float) Math.exp(random.nextGaussian())));
    }
    QuantizedMatrix m = packing.decode(List.of(MemorySegment.ofArray(codes), scales), rows, cols);
    float[] decoded = new float[rows * cols];
    m.decode(0, rows, decoded);
    for (int i = 0; i < rows * cols; i++) {
      int code = 0;
      for (int b = 0; b < bits; b++) {
        int bit = i * bits + b;
        code |= (codes[bit / 8] >> bit % 8 & 1) << b;
      }
      float scale = book.scaleType().value(book.scaleType().code(scales, i / group));
      assertThat(decoded[i]).isEqualTo(book.value(code) * scale);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {63, 100})
  void aRowOfBrokenGroupsIsRefused(int cols) {
    assertThatThrownBy(() -> PACKINGS.getFirst().planes(1, cols))
        .isInstanceOf(MarlinException.class)
        .hasMessageContaining("input " + cols + " is not a multiple of 32");
  }
}
