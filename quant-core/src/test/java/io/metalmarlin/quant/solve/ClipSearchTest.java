package io.metalmarlin.quant.solve;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The search of wide scales against brute force over far more scales and zeros than it looks at.
class ClipSearchTest {
  private static final int ROWS = 64;
  private static final int COLUMNS = 32;

  private final float[] group = new float[COLUMNS * ROWS];

  {
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < group.length; i++) {
      int row = i % ROWS;
      double g = random.nextGaussian() + row % 5 / 4.;
      group[i] = (float) (Math.pow(10, row % 4 - 3) * (row % 3 == 0 ? g * g * g : g));
    }
  }

  static Stream<IntScheme> schemes() {
    return Stream.of(2, 3, 4, 8)
        .flatMap(bits ->
            Stream.of(Zero.values())
                .flatMap(z ->
                    Stream.of(ScaleType.F16, ScaleType.BF16)
                        .map(t -> new IntScheme(bits, COLUMNS, t, z))));
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void aSearchNeverLosesToTheProducersRule(IntScheme scheme) {
    Fits plain = choose(scheme, ScaleRule.ABSMAX);
    Fits found = choose(scheme, ScaleRule.MSE);
    double plainSum = 0;
    double foundSum = 0;
    for (int row = 0; row < ROWS; row++) {
      double before = loss(scheme, row, plain.scales[row], plain.zeros[row]);
      double after = loss(scheme, row, found.scales[row], found.zeros[row]);
      assertThat(after).isLessThanOrEqualTo(before * (1 + 1e-5));
      plainSum += before;
      foundSum += after;
    }
    assertThat(foundSum).isLessThan((scheme.bits() == 8 ? 1 : .9) * plainSum);
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void itComesCloseToTheBestOfAFineGridOfScalesAndZeros(IntScheme scheme) {
    Fits found = choose(scheme, ScaleRule.MSE);
    double bestSum = 0;
    double foundSum = 0;
    for (int row = 0; row < ROWS; row++) {
      // Losses are compared relative to the row's size, which differs by orders of magnitude.
      double size = square(row);
      bestSum += bruteForce(scheme, row) / size;
      foundSum += loss(scheme, row, found.scales[row], found.zeros[row]) / size;
    }
    // At 8 bits the best of hundreds of scales is one that happens to meet many weights.
    assertThat(foundSum).isLessThan((scheme.bits() == 8 ? 1.35 : 1.1) * bestSum);
  }

  /// Every number that the scales' type can hold, of either sign, up to a scale under which no
  /// weight is clipped.
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void itComesCloseToTheBestOfAllStorableScalesOfBothSigns(int bits) {
    IntScheme scheme = new IntScheme(bits, COLUMNS, ScaleType.BF16, Zero.NONE);
    Fits found = choose(scheme, ScaleRule.MSE);
    double bothSum = 0;
    double positiveSum = 0;
    double foundSum = 0;
    int negative = 0;
    for (int row = 0; row < ROWS; row++) {
      double size = square(row);
      double positive = everyStorable(scheme, row, 1) / size;
      positiveSum += positive;
      bothSum += Math.min(positive, everyStorable(scheme, row, -1) / size);
      foundSum += loss(scheme, row, found.scales[row], 0) / size;
      negative += found.scales[row] < 0 ? 1 : 0;
    }
    assertThat(foundSum).isLessThan(1.05 * bothSum).isLessThan(positiveSum);
    // The weights lean upwards, and the grid reaches further down.
    assertThat(negative).isBetween(ROWS / 2, ROWS - 1);
  }

  private double everyStorable(IntScheme scheme, int row, int sign) {
    float widest = 0;
    for (int c = 0; c < COLUMNS; c++) {
      widest = Math.max(widest, Math.abs(group[c * ROWS + row]));
    }
    double best = Double.POSITIVE_INFINITY;
    for (int code = 1; scheme.scaleValue(code) <= widest; code++) {
      // Scales below a hundredth of the range clip everything.
      if (scheme.scaleValue(code) > widest / 100) {
        best = Math.min(best, loss(scheme, row, sign * scheme.scaleValue(code), 0));
      }
    }
    return best;
  }

  @Test
  void aNegativeScaleTurnsTheLongSideToTheLargerExtreme() {
    IntScheme scheme = new IntScheme(2, 4, ScaleType.F16, Zero.NONE);
    float[] w = new float[4 * 16];
    java.util.Arrays.fill(w, 0, 16, 2);
    java.util.Arrays.fill(w, 16, 32, 1);
    java.util.Arrays.fill(w, 32, 48, -1);
    Fits fits = new Fits(16);
    rule(scheme, ScaleRule.MSE).choose(w, 4, 16, fits, 0, new GroupScales.Scratch(16));
    assertThat(fits.scales[0]).isEqualTo(-1);
  }

  @Test
  void aGroupOfZerosTakesTheProducersParameters() {
    IntScheme scheme = new IntScheme(4, 32, ScaleType.BF16, Zero.NONE);
    Fits fits = new Fits(16);
    rule(scheme, ScaleRule.MSE)
        .choose(new float[32 * 16], 32, 16, fits, 0, new GroupScales.Scratch(16));
    assertThat(fits.scales).containsOnly(1);
  }

  private Fits choose(IntScheme scheme, ScaleRule rule) {
    Fits fits = new Fits(ROWS);
    rule(scheme, rule).choose(group, COLUMNS, ROWS, fits, 0, new GroupScales.Scratch(ROWS));
    for (int row = 0; row < ROWS; row++) {
      assertThat(fits.scales[row]).isEqualTo(scheme.scaleValue(fits.scaleCodes[row]));
    }
    return fits;
  }

  private static GroupScales rule(IntScheme scheme, ScaleRule rule) {
    return GroupScales.of(
        scheme,
        GridKernels.of(scheme),
        Layer.options(scheme, rule, 0, ColumnOrder.NATURAL),
        TensorScale.NONE);
  }

  private double square(int row) {
    double sum = 0;
    for (int c = 0; c < COLUMNS; c++) {
      sum += Math.pow(group[c * ROWS + row], 2);
    }
    return sum;
  }

  private double bruteForce(IntScheme scheme, int row) {
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    for (int c = 0; c < COLUMNS; c++) {
      min = Math.min(min, group[c * ROWS + row]);
      max = Math.max(max, group[c * ROWS + row]);
    }
    int levels = (1 << scheme.bits()) - 1;
    double best = Double.POSITIVE_INFINITY;
    for (int step = 1; step <= 400; step++) {
      float f = step / 300f;
      switch (scheme.zero()) {
        case NONE -> {
          float s = stored(scheme, f * Math.max(-min, max) / (levels / 2));
          best = Math.min(best, Math.min(loss(scheme, row, s, 0), loss(scheme, row, -s, 0)));
        }
        case POINT -> {
          float s = stored(scheme, f * (Math.max(max, 0) - Math.min(min, 0)) / levels);
          for (int z = 0; z <= levels; z += scheme.bits() == 8 ? 5 : 1) {
            best = Math.min(best, loss(scheme, row, s, z));
          }
        }
        case BIAS -> {
          float s = stored(scheme, f * (max - min) / levels);
          for (int z = -10; z <= 10; z++) {
            float bias = stored(scheme, (max + min) / 2 - s * (levels + z / 5f) / 2);
            best = Math.min(best, loss(scheme, row, s, bias));
          }
        }
      }
    }
    return best;
  }

  private static float stored(IntScheme scheme, float x) {
    return scheme.scaleValue(scheme.nearestScale(x));
  }

  private double loss(IntScheme scheme, int row, double s, double zero) {
    int levels = (1 << scheme.bits()) - 1;
    double sum = 0;
    for (int c = 0; c < COLUMNS; c++) {
      double w = group[c * ROWS + row];
      double q =
          switch (scheme.zero()) {
            case NONE -> s * Math.clamp(Math.rint(w / s), -levels / 2 - 1, levels / 2);
            case POINT -> s * (Math.clamp(Math.rint(w / s) + zero, 0, levels) - zero);
            case BIAS -> s * Math.clamp(Math.rint((w - zero) / s), 0, levels) + zero;
          };
      sum += (w - q) * (w - q);
    }
    return sum;
  }
}
