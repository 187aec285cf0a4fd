package io.metalmarlin.quant.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;
import io.metalmarlin.runtime.blas.Workers;
import org.junit.jupiter.api.Test;

class SolversTest {
  private static final TestGrid GRID = new TestGrid();

  @Test
  void methodsAreFoundByName() {
    assertThat(Methods.of("mr-gptq")).isInstanceOf(MrGptq.class);
    assertThat(Solvers.ALL)
        .extracting(Method::name)
        .containsExactly("rtn", "gptq", "mr-gptq", "full");
    assertThatThrownBy(() -> Methods.of("awq"))
        .isInstanceOfSatisfying(
            MarlinException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.BAD_FLAG);
              assertThat(e.hint()).isEqualTo("Use one of rtn, gptq, mr-gptq, full, imatrix.");
            });
  }

  @Test
  void absmaxRoundingIsTheProducersOwn() {
    SolveOptions options = Layer.options(ScaleRule.ABSMAX, 0, ColumnOrder.NATURAL);
    Layer layer = Layer.of(31, 37, 72, 10);
    Layer.Result result = layer.solve(new Rtn(), options);
    TensorScale t = layer.tensorScale(options);
    for (int r = 0; r < 37; r++) {
      for (int c = 0; c < 72; c++) {
        float absMax = 0;
        for (int k = c / 16 * 16; k < Math.min(72, c / 16 * 16 + 16); k++) {
          absMax = Math.max(absMax, Math.abs(layer.weights()[r][k]));
        }
        int scale = GRID.groupScale(absMax, t, options.source());
        assertThat(result.scales()[r][c / 16]).isEqualTo(scale);
        assertThat(result.codes()[r][c]).isEqualTo(GRID.code(layer.weights()[r][c], scale, t));
      }
    }
  }

  @Test
  void searchedScalesMakeRoundingBetter() {
    Layer layer = Layer.of(32, 64, 256, 10);
    double plain =
        layer
            .solve(new Rtn(), Layer.options(ScaleRule.ABSMAX, 0, ColumnOrder.NATURAL))
            .error()
            .squared();
    double searched =
        layer
            .solve(new Rtn(), Layer.options(ScaleRule.MSE, 0, ColumnOrder.NATURAL))
            .error()
            .squared();
    assertThat(searched).isLessThan(.85 * plain);
  }

  @Test
  void roundingReportsHessianErrorsWhenItIsGivenStatistics() {
    SolveOptions options = Layer.options(ScaleRule.MSE, 0, ColumnOrder.NATURAL);
    Layer layer = Layer.of(33, 70, 48, 100);
    try (Workers workers = new Workers(1);
        InputStatistics statistics = layer.statistics();
        Solver.Prepared prepared = new Rtn().prepare(GRID, 48, statistics, options, workers)) {
      Layer.Result result = layer.solve(prepared, options, workers, 70);
      assertThat(result.error().hessian() / layer.loss(result.decoded(), layer.hessian()))
          .isCloseTo(1, within(1e-6));
      assertThat(result.error().weightHessian() / layer.loss(new double[70][48], layer.hessian()))
          .isCloseTo(1, within(1e-6));
    }
    Layer.Result without = layer.solve(new Rtn(), options);
    assertThat(without.error().hessian()).isZero();
    assertThat(without.events()).isEqualTo(SolveEvents.NONE);
  }

  @Test
  void feedbackWithoutStatisticsIsABug() {
    SolveOptions options = Layer.options(ScaleRule.MSE, 0, ColumnOrder.ACT);
    try (Workers workers = new Workers(1)) {
      assertThatThrownBy(() -> new MrGptq().prepare(GRID, 64, null, options, workers))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("mr-gptq needs statistics of width 64, got none");
    }
  }
}
