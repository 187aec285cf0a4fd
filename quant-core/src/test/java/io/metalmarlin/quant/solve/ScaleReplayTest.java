package io.metalmarlin.quant.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;
import io.metalmarlin.runtime.blas.Workers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Scale replay, group-aware order and shrinking against explicit inverses in double precision.
class ScaleReplayTest {
  private static final TestGrid GRID = new TestGrid();
  private static final SolveOptions FULL = Layer.replay(GRID);

  static Stream<GroupScheme> schemes() {
    return Stream.of(
        GRID,
        new IntScheme(4, 32, ScaleType.BF16, Zero.NONE),
        new IntScheme(4, 128, ScaleType.F16, Zero.POINT),
        new IntScheme(3, 64, ScaleType.F16, Zero.NONE),
        new IntScheme(2, 32, ScaleType.BF16, Zero.BIAS),
        new IntScheme(8, 64, ScaleType.F32, Zero.POINT));
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void codesEqualOptimalBrainSurgeonInGroupAwareOrder(GroupScheme scheme) {
    // The last group is a short one.
    Layer layer = Layer.of(61, 18, 152, 300).withScheme(scheme);
    SolveOptions options = Layer.replay(scheme);
    Layer.Result result = layer.solve(new Full(), options);
    for (int r = 0; r < 18; r++) {
      assertThat(result.codes()[r])
          .as("row %d", r)
          .isEqualTo(Surgeon.codes(layer, r, result, options));
    }
    assertThat(result.error().hessian() / layer.loss(result.decoded(), layer.hessian()))
        .isCloseTo(1, within(1e-3));
  }

  @ParameterizedTest
  @CsvSource({"62,72", "63,40"})
  void noScaleOfTheWindowAddsLess(long seed, int cols) {
    Layer layer = Layer.of(seed, 20, cols, 200);
    Layer.Result result = layer.solve(new Full(), FULL);
    double t = layer.tensorScale(FULL).value();
    for (int r = 0; r < 20; r++) {
      double[][] losses =
          Surgeon.replay(
              layer,
              r,
              result,
              FULL,
              values -> {
                double absMax = Arrays.stream(values).map(Math::abs).max().orElseThrow();
                int centre = GRID.nearestScale((float) (absMax / 6 / t));
                List<double[]> scales = new ArrayList<>();
                for (int c = Math.max(1, centre - 8); c <= Math.min(126, centre + 7); c++) {
                  scales.add(new double[] {t * GRID.scaleValue(c), 0});
                }
                return scales;
              });
      for (double[] group : losses) {
        assertThat(group[0]).isLessThanOrEqualTo(group[1] * (1 + 1e-4));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void noRangeOfEitherSignAddsLess(int bits) {
    IntScheme scheme = new IntScheme(bits, 32, ScaleType.F16, Zero.NONE);
    Layer layer = Layer.of(64, 12, 96, 300).withScheme(scheme);
    SolveOptions options = Layer.replay(scheme);
    Layer.Result result = layer.solve(new Full(), options);
    int largest = (1 << bits - 1) - 1;
    for (int r = 0; r < 12; r++) {
      double[][] losses =
          Surgeon.replay(
              layer,
              r,
              result,
              options,
              values -> {
                double absMax = Arrays.stream(values).map(Math::abs).max().orElseThrow();
                List<double[]> scales = new ArrayList<>();
                for (int k = 0; k < 28; k++) {
                  float ratio = .35f + k * (.8f / 27);
                  int code = scheme.nearestScale(ratio * (float) absMax / largest);
                  scales.add(new double[] {scheme.scaleValue(code), 0});
                  scales.add(new double[] {-scheme.scaleValue(code), 0});
                }
                return scales;
              });
      for (double[] group : losses) {
        // The ranges differ in their last bits, and so may a stored scale.
        assertThat(group[0]).isLessThanOrEqualTo(group[1] * (1 + 1e-2));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void theLossIsFarBelowThatOfScalesChosenBefore(GroupScheme scheme) {
    Layer layer = Layer.of(65, 64, 256, 1000).withScheme(scheme);
    SolveOptions replayed = Layer.replay(scheme);
    SolveOptions before =
        new SolveOptions(
            ScaleRule.MSE,
            replayed.damping(),
            replayed.shrink(),
            ColumnOrder.GAR,
            0,
            replayed.profile(),
            replayed.source());
    double searched = layer.loss(layer.solve(new Full(), before).decoded(), layer.hessian());
    double chosen = layer.loss(layer.solve(new Full(), replayed).decoded(), layer.hessian());
    assertThat(chosen).isLessThan(.99 * searched);
  }

  @Test
  void theScalarKernelGivesTheSameCodes() {
    Layer layer = Layer.of(66, 50, 176, 400);
    try (Workers one = new Workers(1);
        var statistics = layer.statistics();
        ErrorFeedback scalar =
            new ErrorFeedback(
                GRID,
                FULL,
                new ScalarGrid(GRID),
                ColumnFactor.of(statistics, FULL, GRID.groupSize(), one))) {
      Layer.Result result = layer.solve(scalar, FULL, one, 50);
      assertThat(layer.solve(new Full(), FULL).codes()).isDeepEqualTo(result.codes());
    }
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void threadsDoNotChangeAByte(GroupScheme scheme) {
    Layer layer = Layer.of(67, 300, 192, 100).withScheme(scheme);
    layer.requireTheSameForAnyThreads(new Full(), Layer.replay(scheme));
  }

  @Test
  void aDeadColumnDecidesNoScale() {
    Layer layer = Layer.of(68, 10, 64, 200);
    double[][] h = Arrays.stream(layer.hessian()).map(double[]::clone).toArray(double[][]::new);
    float[][] other = Arrays.stream(layer.weights()).map(float[]::clone).toArray(float[][]::new);
    for (int c = 0; c < 64; c++) {
      h[c][5] = h[5][c] = 0;
    }
    for (float[] row : other) {
      row[5] *= .5f;
    }
    Layer.Result a = layer.withHessian(h).solve(new Full(), FULL);
    Layer.Result b = layer.withHessian(h).withWeights(other).solve(new Full(), FULL);
    int differing = 0;
    for (int r = 0; r < 10; r++) {
      for (int g = 0; g < 4; g++) {
        differing += a.scales()[r][g] == b.scales()[r][g] ? 0 : 1;
      }
    }
    assertThat(differing).isZero();
    assertThat(a.events().deadColumns()).isEqualTo(1);
  }

  @Test
  void scatteredGroupsCannotBeReplayed() {
    Layer layer = Layer.of(69, 2, 32, 100);
    SolveOptions options = Layer.options(ScaleRule.REPLAY, .05, ColumnOrder.ACT);
    assertThatThrownBy(() -> layer.solve(new Full(), options))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
