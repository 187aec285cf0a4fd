package io.metalmarlin.quant.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.Profile;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;
import io.metalmarlin.runtime.blas.Workers;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The solvers on grids of integers: every width, zeros of every kind, groups and whole rows.
class IntSolveTest {
  static Stream<IntScheme> schemes() {
    return Stream.of(
        new IntScheme(4, 32, ScaleType.BF16, Zero.NONE),
        new IntScheme(4, GroupScheme.WHOLE, ScaleType.BF16, Zero.NONE),
        new IntScheme(4, 128, ScaleType.F16, Zero.POINT),
        new IntScheme(4, 64, ScaleType.F16, Zero.BIAS),
        new IntScheme(3, 64, ScaleType.F16, Zero.NONE),
        new IntScheme(2, 32, ScaleType.BF16, Zero.BIAS),
        new IntScheme(8, GroupScheme.WHOLE, ScaleType.F32, Zero.POINT));
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void codesEqualOptimalBrainSurgeonWithExplicitInverses(IntScheme scheme) {
    Layer layer = Layer.of(51, 18, 144, 300).withScheme(scheme);
    for (SolveOptions options : new SolveOptions[] {mr(scheme), plain(scheme)}) {
      Layer.Result result = layer.solve(new MrGptq(), options);
      for (int r = 0; r < 18; r++) {
        assertThat(result.codes()[r])
            .as("row %d", r)
            .isEqualTo(Surgeon.codes(layer, r, result, options));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void theReportedErrorsAreThoseOfTheWrittenCodes(IntScheme scheme) {
    Layer layer = Layer.of(52, 40, 192, 500).withScheme(scheme);
    for (Solver solver : Solvers.ALL) {
      Layer.Result result = layer.solve(solver, mr(scheme));
      double squared = 0;
      for (int r = 0; r < 40; r++) {
        for (int c = 0; c < 192; c++) {
          squared += Math.pow(result.decoded()[r][c] - layer.weights()[r][c], 2);
        }
      }
      assertThat(result.error().squared() / squared).isCloseTo(1, within(1e-4));
      if (solver.needsStatistics()) {
        assertThat(result.error().hessian() / layer.loss(result.decoded(), layer.hessian()))
            .isCloseTo(1, within(1e-3));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void feedbackNeverLosesToRoundingOnTheCalibrationHessian(IntScheme scheme) {
    Layer layer = Layer.of(53, 24, 192, 1000).withScheme(scheme);
    double rounded = layer.loss(layer.solve(new Rtn(), mr(scheme)).decoded(), layer.hessian());
    double fed = layer.loss(layer.solve(new MrGptq(), mr(scheme)).decoded(), layer.hessian());
    assertThat(fed).isLessThan(.8 * rounded);
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void absmaxRoundingIsTheProducersOwn(IntScheme scheme) {
    SolveOptions options = Layer.options(scheme, ScaleRule.ABSMAX, 0, ColumnOrder.NATURAL);
    Layer layer = Layer.of(54, 70, 192, 10).withScheme(scheme);
    Layer.Result result = layer.solve(new Rtn(), options);
    int size = Math.min(192, scheme.groupSize());
    for (int r = 0; r < 70; r++) {
      for (int c = 0; c < 192; c++) {
        var fit = new Profile.Fit(result.scales()[r][c / size], result.zeros()[r][c / size]);
        assertThat(result.codes()[r][c])
            .isEqualTo(options.profile().code(layer.weights()[r][c], fit, TensorScale.NONE));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void threadsDoNotChangeACode(IntScheme scheme) {
    Layer layer = Layer.of(55, 130, 192, 100).withScheme(scheme);
    try (Workers one = new Workers(1);
        Workers many = new Workers(3)) {
      Layer.Result a = layer.solve(new MrGptq(), mr(scheme), one, 64);
      Layer.Result b = layer.solve(new MrGptq(), mr(scheme), many, 64);
      assertThat(b.codes()).isDeepEqualTo(a.codes());
      assertThat(b.scales()).isDeepEqualTo(a.scales());
      assertThat(b.zeros()).isDeepEqualTo(a.zeros());
    }
  }

  private static SolveOptions mr(IntScheme scheme) {
    return Layer.options(scheme, ScaleRule.MSE, .05, ColumnOrder.ACT);
  }

  private static SolveOptions plain(IntScheme scheme) {
    return Layer.options(scheme, ScaleRule.ABSMAX, .01, ColumnOrder.NATURAL);
  }
}
