package io.metalmarlin.quant.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;
import io.metalmarlin.runtime.blas.Workers;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FeedbackTest {
  private static final TestGrid GRID = new TestGrid();
  private static final SolveOptions MR = Layer.options(ScaleRule.MSE, .05, ColumnOrder.ACT);
  private static final SolveOptions PLAIN =
      Layer.options(ScaleRule.ABSMAX, .01, ColumnOrder.NATURAL);

  @ParameterizedTest
  @CsvSource({"1,16,1", "2,48,20", "3,128,3", "4,144,17", "5,300,8"})
  void codesEqualOptimalBrainSurgeonWithExplicitInverses(long seed, int cols, int rows) {
    Layer layer = Layer.of(seed, rows, cols, 2 * cols);
    for (SolveOptions options : new SolveOptions[] {MR, PLAIN}) {
      Layer.Result result = layer.solve(new MrGptq(), options);
      for (int r = 0; r < rows; r++) {
        int[] expected = Surgeon.codes(layer, r, result, options);
        assertThat(result.codes()[r]).as("row %d", r).isEqualTo(expected);
      }
    }
  }

  @Test
  void theReportedErrorsAreThoseOfTheWrittenCodes() {
    Layer layer = Layer.of(7, 40, 320, 700);
    for (SolveOptions options : new SolveOptions[] {MR, PLAIN}) {
      Layer.Result result = layer.solve(new Gptq(), options);
      assertThat(result.error().hessian() / layer.loss(result.decoded(), layer.hessian()))
          .isCloseTo(1, within(1e-4));
      double[][] zero = new double[40][320];
      assertThat(result.error().weightHessian() / layer.loss(zero, layer.hessian()))
          .isCloseTo(1, within(1e-4));
      double squared = 0;
      double weightSquared = 0;
      for (int r = 0; r < 40; r++) {
        for (int c = 0; c < 320; c++) {
          squared += Math.pow(result.decoded()[r][c] - layer.weights()[r][c], 2);
          weightSquared += Math.pow(layer.weights()[r][c], 2);
        }
      }
      assertThat(result.error().squared() / squared).isCloseTo(1, within(1e-6));
      assertThat(result.error().weightSquared() / weightSquared).isCloseTo(1, within(1e-6));
    }
  }

  @Test
  void activationOrderEqualsNaturalOrderOfThePermutedProblem() {
    // Diagonals that make activation order take whole groups, the last group first.
    Layer raw = Layer.of(8, 12, 96, 300);
    double[][] h = new double[96][96];
    double[][] mirrored = new double[96][96];
    float[][] weights = new float[12][96];
    int[] moved = IntStream.range(0, 96).map(c -> (5 - c / 16) * 16 + c % 16).toArray();
    for (int i = 0; i < 96; i++) {
      for (int j = 0; j < 96; j++) {
        h[i][j] = raw.hessian()[i][j] * size(raw, i) * size(raw, j);
        mirrored[moved[i]][moved[j]] = h[i][j];
      }
      for (int r = 0; r < 12; r++) {
        weights[r][moved[i]] = raw.weights()[r][i];
      }
    }
    SolveOptions natural = Layer.options(ScaleRule.MSE, MR.damping(), ColumnOrder.NATURAL);
    int[][] act = raw.withHessian(h).solve(new MrGptq(), MR).codes();
    int[][] plain =
        raw.withHessian(mirrored).withWeights(weights).solve(new MrGptq(), natural).codes();
    for (int r = 0; r < 12; r++) {
      for (int c = 0; c < 96; c++) {
        assertThat(act[r][c]).isEqualTo(plain[r][moved[c]]);
      }
    }
  }

  private static double size(Layer layer, int column) {
    double wanted = 10 * (1 + column / 16) - .1 * (column % 16);
    return Math.sqrt(wanted / layer.hessian()[column][column]);
  }

  @Test
  void aDeadColumnEqualsADeletedOne() {
    Layer layer = Layer.of(9, 10, 64, 200);
    double[][] h = new double[64][];
    for (int c = 0; c < 64; c++) {
      h[c] = layer.hessian()[c].clone();
      h[c][5] = 0;
    }
    Arrays.fill(h[5], 0);
    Layer.Result dead = layer.withHessian(h).solve(new MrGptq(), MR);
    assertThat(dead.events().deadColumns()).isEqualTo(1);
    Layer.Result rounded = layer.solve(new Rtn(), MR);
    for (int r = 0; r < 10; r++) {
      assertThat(dead.codes()[r][5]).isEqualTo(rounded.codes()[r][5]);
    }
    // Whatever the dead weight is, the others keep their codes (same group maximum, so same
    // scales).
    float[][] other = new float[10][];
    for (int r = 0; r < 10; r++) {
      other[r] = layer.weights()[r].clone();
      other[r][5] = 0;
    }
    Layer.Result deleted = layer.withHessian(h).withWeights(other).solve(new MrGptq(), MR);
    for (int r = 0; r < 10; r++) {
      if (Arrays.equals(deleted.scales()[r], dead.scales()[r])) {
        int[] a = dead.codes()[r].clone();
        int[] b = deleted.codes()[r].clone();
        a[5] = b[5] = 0;
        assertThat(a).isEqualTo(b);
      }
    }
  }

  @Test
  void fewerTokensThanColumnsStillSolve() {
    Layer layer = Layer.of(10, 6, 160, 20);
    Layer.Result result =
        layer.solve(new MrGptq(), Layer.options(ScaleRule.MSE, 0, ColumnOrder.ACT));
    assertThat(result.events().dampingRetries()).isPositive();
    assertThat(result.events().damping()).isGreaterThanOrEqualTo(.01);
  }

  @Test
  void anIndefiniteHessianIsAnErrorAndNothingElse() {
    Layer layer = Layer.of(11, 2, 32, 100);
    layer.hessian()[3][20] = layer.hessian()[20][3] = 1e4;
    assertThatThrownBy(() -> layer.solve(new MrGptq(), MR))
        .isInstanceOfSatisfying(
            MarlinException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.NOT_POSITIVE_DEFINITE);
              assertThat(e).hasMessageContaining("even after 8 doublings");
            });
    layer.hessian()[4][4] = -1;
    assertThatThrownBy(() -> layer.solve(new MrGptq(), MR))
        .isInstanceOfSatisfying(
            MarlinException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_POSITIVE_DEFINITE));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void threadsDoNotChangeACode(int threads) {
    Layer layer = Layer.of(12, 300, 640, 100);
    try (Workers one = new Workers(1);
        Workers many = new Workers(threads)) {
      Layer.Result a = layer.solve(new MrGptq(), MR, one, 64);
      Layer.Result b = layer.solve(new MrGptq(), MR, many, 64);
      assertThat(b.codes()).isDeepEqualTo(a.codes());
      assertThat(b.error()).isEqualTo(a.error());
    }
  }

  @Test
  void theScalarKernelGivesTheSameCodes() {
    Layer layer = Layer.of(13, 50, 272, 400);
    try (Workers one = new Workers(1);
        InputStatistics statistics = layer.statistics();
        ErrorFeedback scalar =
            new ErrorFeedback(
                GRID, MR, new ScalarGrid(GRID), ColumnFactor.of(statistics, MR, one))) {
      Layer.Result result = layer.solve(scalar, MR, one, 50);
      assertThat(layer.solve(new MrGptq(), MR).codes()).isDeepEqualTo(result.codes());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23, 24, 25, 26})
  void feedbackNeverLosesToRoundingOnTheCalibrationHessian(long seed) {
    Layer layer = Layer.of(seed, 24, 192, seed % 2 == 0 ? 100 : 1000);
    double rounded = layer.loss(layer.solve(new Rtn(), MR).decoded(), layer.hessian());
    double fed = layer.loss(layer.solve(new MrGptq(), MR).decoded(), layer.hessian());
    assertThat(fed).isLessThan(.8 * rounded);
  }

  @Test
  void anOutlierChannelIsFactoredInDoublePrecision() {
    Layer layer = Layer.of(14, 4, 64, 300);
    // Channel 7 is ten thousand times channel 8 plus a little: its own part is lost in single
    // precision.
    double[][] h = layer.hessian();
    for (int c = 0; c < 64; c++) {
      h[7][c] = 1e4 * h[8][c];
      h[c][7] = h[7][c];
    }
    h[7][7] = 1e8 * h[8][8] * (1 + 1e-7);
    SolveOptions options = Layer.options(ScaleRule.MSE, 1e-7, ColumnOrder.ACT);
    Layer.Result result = layer.solve(new MrGptq(), options);
    assertThat(result.events().dampingRetries()).isZero();
    for (int r = 0; r < 4; r++) {
      assertThat(result.codes()[r]).isEqualTo(Surgeon.codes(layer, r, result, options));
    }
  }
}
