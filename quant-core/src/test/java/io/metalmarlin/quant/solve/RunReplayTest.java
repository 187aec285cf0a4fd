package io.metalmarlin.quant.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.formats.scheme.ggml.BlockForm;
import io.metalmarlin.formats.scheme.ggml.LevelForm;
import io.metalmarlin.formats.scheme.ggml.PointForm;
import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Replays of one run against the definition: every column minimises its own term by brute force,
/// in double precision, with the explicit matrix.
class RunReplayTest {
  private static final int ROWS = RunReplay.ROWS;

  @ParameterizedTest
  @EnumSource(names = {"Q4_K", "Q3_K", "Q2_K", "IQ4_XS"})
  void single_weights_take_the_nearest_level_one_after_the_other(DType type) {
    LevelForm form = (LevelForm) BlockForm.of(type).orElseThrow();
    Run run = Run.of(form);
    RunReplay replay = run.replay(form);

    for (int row = 0; row < ROWS; row++) {
      double loss = 0;
      double[] deviation = new double[form.run()];
      for (int c = form.run() - 1; c >= 0; c--) {
        double v = run.moved(deviation, c, c + 1, row);
        double q = Double.NaN;
        for (float level : form.levels()) {
          double value = run.scales[row] * level - run.mins[row];
          q = !(Math.abs(q - v) <= Math.abs(value - v)) ? value : q;
        }
        assertThat(replay.rounded[c * ROWS + row]).isCloseTo((float) q, within(1e-6f));
        deviation[c] = q - run.originals[c * ROWS + row];
        loss += run.factor.pivots()[c] * (q - v) * (q - v);
      }
      assertThat((double) replay.loss[row]).isCloseTo(loss, within(1e-4 * loss));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"IQ3_S", "IQ3_XXS", "IQ2_S", "IQ2_XS", "IQ2_XXS"})
  void vectors_take_the_best_point_under_the_signs_they_may_have(DType type) {
    PointForm form = (PointForm) BlockForm.of(type).orElseThrow();
    Run run = Run.of(form);
    RunReplay replay = run.replay(form);

    for (int row = 0; row < ROWS; row++) {
      double loss = 0;
      double[] deviation = new double[form.run()];
      for (int from = form.run() - form.width(); from >= 0; from -= form.width()) {
        double[] v = new double[form.width()];
        double[] q = new double[form.width()];
        double chosen = 0;
        for (int c = 0; c < v.length; c++) {
          v[c] = run.moved(deviation, from + c, from + form.width(), row);
          q[c] = replay.rounded[(from + c) * ROWS + row];
          chosen += run.factor.pivots()[from + c] * (q[c] - v[c]) * (q[c] - v[c]);
        }
        double least = Double.POSITIVE_INFINITY;
        for (int turned = -1; turned < v.length; turned++) {
          if (!mayTurn(form, v, q, turned)) {
            continue;
          }
          for (int p = 0; p < form.points(); p++) {
            double sum = 0;
            for (int c = 0; c < v.length; c++) {
              double magnitude = run.scales[row] * form.magnitude(p, form.width() - 1 - c);
              double value = c == turned ? -Math.abs(v[c]) : Math.abs(v[c]);
              sum += run.factor.pivots()[from + c] * Math.pow(magnitude - value, 2);
            }
            least = Math.min(least, sum);
          }
        }
        assertThat(chosen).isCloseTo(least, within(1e-4 * least));
        for (int c = form.width() - 1; c >= 0; c--) {
          double moved = run.moved(deviation, from + c, from + c + 1, row);
          loss += run.factor.pivots()[from + c] * (q[c] - moved) * (q[c] - moved);
          deviation[from + c] = q[c] - run.originals[(from + c) * ROWS + row];
        }
      }
      assertThat((double) replay.loss[row]).isCloseTo(loss, within(1e-3 * loss));
      for (int from = 0; from < form.run(); from += form.evenSigns()) {
        int negative = 0;
        for (int c = from; c < from + form.evenSigns(); c++) {
          negative += replay.rounded[c * ROWS + row] < 0 ? 1 : 0;
        }
        assertThat(form.evenSigns() == 1 || negative % 2 == 0).isTrue();
      }
    }
  }

  /// Whether the values `v` can become points with this weight turned, -1 for none. A vector that
  /// is a whole group turns one weight where it is odd; of two that share a group either may.
  private static boolean mayTurn(PointForm form, double[] v, double[] q, int turned) {
    boolean odd = false;
    boolean turns = false;
    for (int c = 0; c < v.length; c++) {
      odd ^= v[c] < 0;
      turns |= v[c] < 0 != q[c] < 0;
    }
    boolean expected = form.evenSigns() == form.width() ? odd : form.evenSigns() > 1 && turns;
    return turned >= 0 == expected;
  }

  @Test
  void a_tile_is_solved_and_its_loss_is_the_quadratic_form() {
    LevelForm form = (LevelForm) BlockForm.of(DType.Q3_K).orElseThrow();
    Run run = Run.of(form);
    int n = form.run();
    float[] b = run.originals.clone();
    run.factor.solve(b, ROWS);
    for (int row = 0; row < ROWS; row++) {
      for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int j = 0; j < n; j++) {
          sum += run.matrix[i][j] * b[j * ROWS + row];
        }
        assertThat(sum).isCloseTo(run.originals[i * ROWS + row], within(1e-5));
      }
    }
    RunReplay replay = RunReplay.of(form);
    float[] q = new float[n * ROWS];
    System.arraycopy(run.originals, 0, replay.values, 0, q.length);
    System.arraycopy(run.originals, 0, replay.originals, 0, q.length);
    replay.lossOf(run.factor, q);
    for (int row = 0; row < ROWS; row++) {
      double sum = 0;
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          sum += run.originals[i * ROWS + row] * run.matrix[i][j] * run.originals[j * ROWS + row];
        }
      }
      assertThat(replay.loss[row] * run.factor.weight()).isCloseTo(sum, within(1e-4 * sum));
    }
  }

  /// A run of correlated columns, values of 32 rows and a scale and min for each.
  private record Run(
      double[][] matrix,
      RunFactor factor,
      float[] values,
      float[] originals,
      float[] scales,
      float[] mins) {
    static Run of(BlockForm form) {
      int n = form.run();
      Layer layer = Layer.of(9, ROWS, n, 200);
      float[] flat = new float[n * n];
      for (int i = 0; i < n * n; i++) {
        flat[i] = (float) layer.hessian()[i / n][i % n];
      }
      SplittableRandom random = new SplittableRandom(17);
      float[] values = new float[n * ROWS];
      float[] originals = new float[n * ROWS];
      for (int i = 0; i < values.length; i++) {
        originals[i] = (float) (.03 * random.nextGaussian());
        values[i] = (float) (originals[i] + .003 * random.nextGaussian());
      }
      float[] scales = new float[ROWS];
      float[] mins = new float[ROWS];
      float greatest =
          switch (form) {
            case LevelForm f -> f.levels()[f.levels().length - 1];
            case PointForm f ->
                IntStream.range(0, f.points()).map(p -> f.magnitude(p, 0)).max().orElseThrow();
          };
      for (int row = 0; row < ROWS; row++) {
        boolean mins0 = form.greatestMin() > 0;
        scales[row] = (float) ((mins0 ? .12 : .07) * (.8 + .4 * random.nextDouble())) / greatest;
        mins[row] = mins0 ? (float) (.06 * (.8 + .4 * random.nextDouble())) : 0;
      }
      MemorySegment tile = MemorySegment.ofArray(flat);
      return new Run(
          layer.hessian(), RunFactor.ofMatrix(tile, n, 0, n), values, originals, scales, mins);
    }

    RunReplay replay(BlockForm form) {
      RunReplay replay = RunReplay.of(form);
      System.arraycopy(values, 0, replay.values, 0, values.length);
      System.arraycopy(originals, 0, replay.originals, 0, values.length);
      replay.replay(factor, scales, mins);
      return replay;
    }

    /// The value of column c after the deviations from column `first` on.
    double moved(double[] deviation, int c, int first, int row) {
      double v = values[c * ROWS + row];
      for (int k = first; k < deviation.length; k++) {
        v -= deviation[k] * factor.multipliers()[c * deviation.length + k];
      }
      return v;
    }
  }
}
