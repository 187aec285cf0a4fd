package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.quant.calibrate.ArrayMemory;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Refinement against losses and gradients by their definitions, in double precision.
class DescentTest {
  private static final TestGrid GRID = new TestGrid();

  static Stream<GroupScheme> schemes() {
    return Stream.of(
        GRID,
        new IntScheme(4, 32, ScaleType.BF16, Zero.NONE),
        new IntScheme(4, 128, ScaleType.F16, Zero.POINT),
        new IntScheme(3, 64, ScaleType.F16, Zero.NONE),
        new IntScheme(2, 32, ScaleType.BF16, Zero.BIAS),
        new IntScheme(4, GroupScheme.WHOLE, ScaleType.BF16, Zero.NONE));
  }

  /// A panel of rounded weights, and everything a descent needs.
  private record Bench(
      Layer layer, Panel panel, ColumnFactor factor, Descent descent, GroupRefit refit) {
    double[][] deviations() {
      double[][] d = new double[layer.weights().length][layer.cols()];
      GroupScheme scheme = layer.scheme();
      int n = panel.stride();
      for (int r = 0; r < d.length; r++) {
        for (int c = 0; c < layer.cols(); c++) {
          int g = c / panel.groupSize * n + r;
          double s = panel.fits.scales[g];
          double z = panel.fits.zeros[g];
          double value = scheme.value(panel.codes[c * n + r] & 0xff);
          double q =
              switch (scheme.zero()) {
                case NONE -> s * value;
                case POINT -> s * (value - z);
                case BIAS -> s * value + z;
              };
          d[r][c] = q - layer.weights()[r][c];
        }
      }
      return d;
    }

    double loss(double[][] d) {
      double[][] h = layer.damped(Layer.replay(layer.scheme()));
      double sum = 0;
      for (double[] row : d) {
        for (int i = 0; i < row.length; i++) {
          for (int j = 0; j < row.length; j++) {
            sum += row[i] * h[i][j] * row[j];
          }
        }
      }
      return sum;
    }

    /// The largest difference of B from `-D H_r`, relative to the largest entry.
    double gradientError() {
      double[][] h = layer.damped(Layer.replay(layer.scheme()));
      double[][] d = deviations();
      double worst = 0;
      double largest = 0;
      for (int p = 0; p < layer.cols(); p++) {
        int c = factor.order()[p];
        for (int r = 0; r < d.length; r++) {
          double exact = 0;
          for (int i = 0; i < layer.cols(); i++) {
            exact -= d[r][i] * h[i][c];
          }
          long at = (2L * p + 1) * panel.stride() + r;
          worst = Math.max(worst, Math.abs(exact - panel.moving.getAtIndex(JAVA_FLOAT, at)));
          largest = Math.max(largest, Math.abs(exact));
        }
      }
      return worst / largest;
    }
  }

  private interface Body {
    void run(Bench bench);
  }

  private static void with(Layer layer, Body body) {
    GroupScheme scheme = layer.scheme();
    SolveOptions options = Layer.replay(scheme, 1);
    SolveOptions before = options(scheme);
    int cols = layer.cols();
    int size = Math.min(cols, scheme.groupSize());
    GridKernel kernel = GridKernels.of(scheme);
    try (Workers one = new Workers(1);
        InputStatistics statistics = layer.statistics();
        ColumnFactor factor = ColumnFactor.of(statistics, options, size, one);
        Arena arena = Arena.ofConfined()) {
      Cuts cuts =
          size > Cuts.WIDEST_GROUP ? Cuts.fixed(cols) : Cuts.betweenGroups(factor.order(), size);
      Panel panel = new Panel(scheme, cols, cuts.widestBlock(), cuts.widestLeaf());
      GroupScales scales = GroupScales.of(scheme, kernel, before, layer.tensorScale(before));
      panel.load(MemorySegment.ofArray(layer.flat()), layer.weights().length, factor.order());
      int[] position = new int[cols];
      for (int p = 0; p < cols; p++) {
        position[factor.order()[p]] = p;
      }
      panel.chooseScales(scales, position);
      int n = panel.stride();
      for (int p = 0; p < cols; p++) {
        float[] w = panel.weights.asSlice(4L * p * n, 4L * n).toArray(JAVA_FLOAT);
        panel.round(kernel, w, 0, factor.order()[p]);
        for (int i = 0; i < n; i++) {
          panel.moving.setAtIndex(JAVA_FLOAT, 2L * p * n + i, panel.rounded[i] - w[i]);
        }
      }
      HessianProducts products = new HessianProducts(factor, ArrayMemory.of(factor.lower()));
      Descent descent = new Descent(panel, products, kernel, factor.order(), cuts, arena);
      body.run(
          new Bench(
              layer, panel, factor, descent, new GroupRefit(scheme, scales, false, panel, arena)));
      panel.close();
    }
  }

  private static SolveOptions options(GroupScheme scheme) {
    SolveOptions r = Layer.replay(scheme);
    return new SolveOptions(ScaleRule.MSE, 0, ColumnOrder.NATURAL, r.profile(), r.source());
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void theLossNeverRisesAndTheGradientStaysTrue(GroupScheme scheme) {
    with(
        Layer.of(71, 21, 300, 200).withScheme(scheme),
        bench -> {
          bench.descent.start();
          double loss = bench.loss(bench.deviations());
          double first = loss;
          for (int cycle = 0; cycle < 6; cycle++) {
            for (int pass = 0; pass < 3; pass++) {
              int moved = pass < 2 ? bench.descent.codes() : bench.descent.scales(bench.refit);
              double next = bench.loss(bench.deviations());
              assertThat(next).isLessThanOrEqualTo(loss * (1 + 1e-9));
              assertThat(moved > 0).isEqualTo(next < loss);
              loss = next;
            }
          }
          assertThat(loss).isLessThan(.8 * first);
          assertThat(bench.gradientError()).isLessThan(1e-4);
          assertThat(bench.descent.sums(bench.factor)[1])
              .isCloseTo(
                  bench.layer.loss(decoded(bench), bench.layer.hessian()), within(1e-4 * loss));
        });
  }

  private static double[][] decoded(Bench bench) {
    double[][] d = bench.deviations();
    for (int r = 0; r < d.length; r++) {
      for (int c = 0; c < d[r].length; c++) {
        d[r][c] += bench.layer.weights()[r][c];
      }
    }
    return d;
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void atTheEndNoSingleCodeLowersTheLoss(GroupScheme scheme) {
    with(
        Layer.of(72, 5, 40, 100).withScheme(scheme),
        bench -> {
          bench.descent.start();
          for (int pass = 0; pass < 100 && bench.descent.codes() > 0; pass++) {}
          double[][] d = bench.deviations();
          double loss = bench.loss(d);
          int n = bench.panel.stride();
          for (int r = 0; r < 5; r++) {
            for (int c = 0; c < 40; c++) {
              byte kept = bench.panel.codes[c * n + r];
              for (int code = 0; code < 1 << scheme.codeBits(); code++) {
                bench.panel.codes[c * n + r] = (byte) code;
                assertThat(bench.loss(bench.deviations())).isGreaterThan(loss * (1 - 1e-5));
              }
              bench.panel.codes[c * n + r] = kept;
            }
          }
        });
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void refinementLowersTheErrorOfFeedbackAndReportsIt(GroupScheme scheme) {
    Layer layer = Layer.of(73, 70, 300, 1000).withScheme(scheme);
    Layer.Result without = layer.solve(new Full(), Layer.replay(scheme));
    Layer.Result with = layer.solve(new Full(), Layer.replay(scheme, 4));
    double before = layer.loss(without.decoded(), layer.hessian());
    double after = layer.loss(with.decoded(), layer.hessian());
    assertThat(after).isLessThan((scheme.groupSize() > Cuts.WIDEST_GROUP ? 1 : .99) * before);
    assertThat(with.error().hessian() / after).isCloseTo(1, within(1e-3));
    assertThat(with.error().weightHessian()).isEqualTo(without.error().weightHessian());
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void threadsDoNotChangeAByte(GroupScheme scheme) {
    Layer layer = Layer.of(74, 300, 192, 100).withScheme(scheme);
    layer.requireTheSameForAnyThreads(new Full(), Layer.replay(scheme, 4));
  }

  @Test
  void activationOrderIsRefinedUnderItsScales() {
    Layer layer = Layer.of(75, 20, 64, 100);
    SolveOptions mr = Layer.options(ScaleRule.MSE, .05, ColumnOrder.ACT);
    SolveOptions refined =
        new SolveOptions(ScaleRule.MSE, .05, 0, ColumnOrder.ACT, 3, mr.profile(), mr.source());
    double before = layer.loss(layer.solve(new MrGptq(), mr).decoded(), layer.damped(mr));
    Layer.Result after = layer.solve(new MrGptq(), refined);
    // Scattered groups keep their scales.
    assertThat(after.scales()).isDeepEqualTo(layer.solve(new MrGptq(), mr).scales());
    assertThat(layer.loss(after.decoded(), layer.damped(mr))).isLessThan(before);
  }
}
