package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import io.metalmarlin.quant.solve.SolveOptions.ScaleRule;
import io.metalmarlin.runtime.blas.Workers;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SparseSolveTest {
  private static final GroupScheme NVFP4 = Nvfp4Scheme.INSTANCE;

  private static SparseLayer layer(long seed, int rows, int cols) {
    return new SparseLayer(Layer.of(seed, rows, cols, 2 * cols), NVFP4);
  }

  @ParameterizedTest
  @CsvSource({
    "1,32,3,0", "2,64,20,0", "3,128,3,0", "4,160,5,0", "5,288,2,0",
    "6,64,4,32", "7,192,3,32", "8,256,2,64", "9,20,5,2147483647", "10,100,3,2147483647"
  })
  void masks_and_codes_equal_optimal_brain_surgeon_with_explicit_inverses(
      long seed, int cols, int rows, int intGroup) {
    GroupScheme values =
        intGroup == 0 ? NVFP4 : new IntScheme(4, intGroup, ScaleType.BF16, Zero.NONE);
    SparseLayer sparse = new SparseLayer(Layer.of(seed, rows, cols, 2 * cols), values);
    int span = values.groupSize() >= cols / 2 ? cols : 2 * values.groupSize();
    for (ColumnOrder order : List.of(ColumnOrder.NATURAL, ColumnOrder.ACT)) {
      for (ScaleRule scales : List.of(ScaleRule.ABSMAX, ScaleRule.MSE)) {
        SolveOptions options = sparse.options(scales, .05, order);
        SparseLayer.Result result = sparse.solve(new MrGptq(), PruneRule.SPARSEGPT, options);
        for (int row = 0; row < rows; row++) {
          int r = row;
          SparseSurgeon expected =
              new SparseSurgeon(sparse.layer(), row, values, span, span == cols ? 4 : span, options)
                  .run(c -> result.scale(r, c));
          for (int c = 0; c < cols; c++) {
            assertThat(result.keeps(row, c))
                .as("row %d, column %d is kept", row, c)
                .isEqualTo(expected.keep[c]);
            if (expected.keep[c]) {
              assertThat(result.code(row, c))
                  .as("code of row %d, column %d", row, c)
                  .isEqualTo(expected.codes[c]);
            }
          }
        }
      }
    }
  }

  @Test
  void a_scale_is_the_best_one_for_the_kept_values_before_they_are_rounded() {
    SparseLayer sparse = layer(6, 6, 96);
    SolveOptions options = sparse.options(ScaleRule.MSE, .05, ColumnOrder.NATURAL);
    SparseLayer.Result result = sparse.solve(new MrGptq(), PruneRule.SPARSEGPT, options);
    float divisor = result.matrix().values().tensorScale().value();
    for (int row = 0; row < 6; row++) {
      int r = row;
      SparseSurgeon oracle =
          new SparseSurgeon(sparse.layer(), row, NVFP4, 32, 32, options)
              .run(c -> result.scale(r, c));
      for (int group = 0; group < 3; group++) {
        double[] kept = Arrays.copyOfRange(oracle.rehearsed, 32 * group, 32 * group + 32);
        double chosen = squaredError(kept, result.scale(row, 32 * group));
        for (int code = 1; code < 0x7f; code++) {
          assertThat(squaredError(kept, NVFP4.scaleValue(code) / divisor))
              .isGreaterThanOrEqualTo(chosen * (1 - 1e-5));
        }
      }
    }
  }

  private static double squaredError(double[] group, double scale) {
    return Arrays.stream(group)
        .map(x -> x - scale * NVFP4.value(NVFP4.nearest((float) (x / scale))))
        .map(e -> e * e)
        .sum();
  }

  @ParameterizedTest
  @EnumSource(PruneRule.class)
  void the_reported_errors_are_those_of_the_written_codes(PruneRule rule) {
    SparseLayer sparse = layer(7, 40, 320);
    Layer layer = sparse.layer();
    SolveOptions options = sparse.options(ScaleRule.MSE, .05, ColumnOrder.ACT);
    SparseLayer.Result result = sparse.solve(new MrGptq(), rule, options);
    double[][] zero = new double[40][320];
    double[][] identity = new double[320][320];
    for (int c = 0; c < 320; c++) {
      identity[c][c] = 1;
    }
    TileError e = result.error();
    double[] reported = {e.hessian(), e.weightHessian(), e.squared(), e.weightSquared()};
    double[] exact = {
      layer.loss(result.decoded(), layer.hessian()),
      layer.loss(zero, layer.hessian()),
      layer.loss(result.decoded(), identity),
      layer.loss(zero, identity)
    };
    for (int i = 0; i < 4; i++) {
      assertThat(reported[i] / exact[i]).isCloseTo(1, within(1e-4));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23, 24, 25, 26, 27, 28})
  void sparsegpt_loses_to_no_other_rule_on_the_calibration_hessian(long seed) {
    SparseLayer sparse =
        new SparseLayer(Layer.of(seed, 24, 192, seed % 2 == 0 ? 100 : 1000), NVFP4);
    SolveOptions options = sparse.options(ScaleRule.MSE, .05, ColumnOrder.ACT);
    double joint = loss(sparse, new MrGptq(), PruneRule.SPARSEGPT, options);
    double wanda = loss(sparse, new MrGptq(), PruneRule.WANDA, options);
    double magnitude = loss(sparse, new MrGptq(), PruneRule.MAGNITUDE, options);
    double rounded = loss(sparse, new Rtn(), PruneRule.MAGNITUDE, options);
    assertThat(joint).isLessThan(wanda).isLessThan(.8 * magnitude);
    assertThat(wanda).isLessThan(magnitude);
    assertThat(magnitude).isLessThan(rounded);
  }

  private static double loss(
      SparseLayer sparse, Solver solver, PruneRule rule, SolveOptions options) {
    return sparse
        .layer()
        .loss(sparse.solve(solver, rule, options).decoded(), sparse.layer().hessian());
  }

  @Test
  void magnitude_and_wanda_keep_the_two_largest_by_definition() {
    SparseLayer sparse = layer(9, 20, 64);
    SolveOptions options = sparse.options(ScaleRule.MSE, .05, ColumnOrder.ACT);
    double[][] h = sparse.layer().hessian();
    for (Solver solver : new Solver[] {new MrGptq(), new Rtn()}) {
      for (PruneRule rule : new PruneRule[] {PruneRule.MAGNITUDE, PruneRule.WANDA}) {
        if (rule.needsStatistics() && !solver.needsStatistics()) {
          continue;
        }
        SparseLayer.Result result = sparse.solve(solver, rule, options);
        for (int row = 0; row < 20; row++) {
          float[] w = sparse.layer().weights()[row];
          for (int quad = 0; quad < 16; quad++) {
            double[] score = new double[4];
            for (int k = 0; k < 4; k++) {
              int c = 4 * quad + k;
              score[k] = Math.abs(w[c]) * (rule == PruneRule.WANDA ? Math.sqrt(h[c][c]) : 1);
            }
            double[] sorted = score.clone();
            Arrays.sort(sorted);
            for (int k = 0; k < 4; k++) {
              assertThat(result.keeps(row, 4 * quad + k)).isEqualTo(score[k] >= sorted[2]);
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(PruneRule.class)
  void a_matrix_that_is_already_sparse_keeps_its_pattern_and_its_zeros(PruneRule rule) {
    SparseLayer dense = layer(10, 33, 128);
    SplittableRandom random = new SplittableRandom(1);
    float[][] w = new float[33][];
    for (int r = 0; r < 33; r++) {
      w[r] = dense.layer().weights()[r].clone();
      for (int quad = 0; quad < 32; quad++) {
        // Two zeros in most quads, three or four in some; small weights are kept, large removed.
        int zeros = random.nextInt(8) == 0 ? 3 + random.nextInt(2) : 2;
        for (int z = 0; z < zeros; ) {
          int c = 4 * quad + random.nextInt(4);
          z += w[r][c] == 0 ? 0 : 1;
          w[r][c] = 0;
        }
      }
    }
    SparseLayer sparse = new SparseLayer(dense.layer().withWeights(w), NVFP4);
    for (Solver solver : new Solver[] {new Gptq(), new MrGptq(), new Rtn()}) {
      if (rule.needsStatistics() && !solver.needsStatistics()) {
        continue;
      }
      SolveOptions options = sparse.options(ScaleRule.MSE, .01, solver.defaults().order());
      SparseLayer.Result result = sparse.solve(solver, rule, options);
      for (int r = 0; r < 33; r++) {
        for (int c = 0; c < 128; c++) {
          if (w[r][c] == 0) {
            assertThat(result.decoded()[r][c]).isZero();
          } else {
            assertThat(result.keeps(r, c)).isTrue();
          }
        }
      }
    }
  }

  @Test
  void threads_and_tiles_change_nothing() {
    SparseLayer sparse = layer(12, 200, 160);
    SolveOptions options = sparse.options(ScaleRule.MSE, .05, ColumnOrder.ACT);
    for (PruneRule rule : PruneRule.values()) {
      try (Workers one = new Workers(1);
          Workers many = new Workers(4)) {
        SparseLayer.Result a = sparse.solve(new MrGptq(), rule, options, one, 64);
        SparseLayer.Result b = sparse.solve(new MrGptq(), rule, options, many, 64);
        assertThat(b.matrix().values().codes().toArray(JAVA_BYTE))
            .isEqualTo(a.matrix().values().codes().toArray(JAVA_BYTE));
        assertThat(b.matrix().patterns().toArray(JAVA_BYTE))
            .isEqualTo(a.matrix().patterns().toArray(JAVA_BYTE));
        assertThat(b.matrix().values().scales().toArray(JAVA_BYTE))
            .isEqualTo(a.matrix().values().scales().toArray(JAVA_BYTE));
        assertThat(b.error()).isEqualTo(a.error());
      }
    }
  }

  @Test
  void columns_that_were_never_active_are_pruned_first() {
    SparseLayer sparse = layer(13, 12, 64);
    double[][] h = new double[64][];
    for (int c = 0; c < 64; c++) {
      h[c] = sparse.layer().hessian()[c].clone();
      h[c][6] = 0;
    }
    Arrays.fill(h[6], 0);
    SparseLayer dead = new SparseLayer(sparse.layer().withHessian(h), NVFP4);
    SolveOptions options = dead.options(ScaleRule.MSE, .05, ColumnOrder.ACT);
    SparseLayer.Result result = dead.solve(new MrGptq(), PruneRule.SPARSEGPT, options);
    for (int row = 0; row < 12; row++) {
      assertThat(result.keeps(row, 6)).isFalse();
    }
  }
}
