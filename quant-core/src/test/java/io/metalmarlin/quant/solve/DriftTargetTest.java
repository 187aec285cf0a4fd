package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.quant.calibrate.DriftAccumulator;
import io.metalmarlin.quant.calibrate.HeldOut;
import io.metalmarlin.quant.calibrate.HessianAccumulator;
import io.metalmarlin.quant.calibrate.InputDrift;
import io.metalmarlin.quant.calibrate.InputStatistics;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The moved weights against least squares on the tokens themselves.
class DriftTargetTest {
  private static final int TOKENS = 400;
  private static final int COLS = 90;
  private static final int ROWS = 5;

  private final Arena arena = Arena.ofShared();
  private final Workers one = new Workers(1);
  private final double[][] x = gaussian(TOKENS, COLS, 1);
  private final double[][] moved = moved();
  private final double[][] w = gaussian(ROWS, COLS, 2);

  @AfterEach
  void free() {
    arena.close();
    one.close();
  }

  @Test
  void all_of_it_without_damping_is_least_squares_on_the_tokens() {
    double[][] best = leastSquares(x, moved, w);
    double[][] target = target(x, moved, 1, 0, one);
    for (int r = 0; r < ROWS; r++) {
      for (int c = 0; c < COLS; c++) {
        assertThat(target[r][c]).isCloseTo(best[r][c], within(2e-5));
      }
    }
  }

  @Test
  void a_share_goes_that_far() {
    double[][] all = target(x, moved, 1, .05, one);
    double[][] quarter = target(x, moved, .25, .05, one);
    for (int r = 0; r < ROWS; r++) {
      for (int c = 0; c < COLS; c++) {
        assertThat(quarter[r][c]).isCloseTo(.75 * w[r][c] + .25 * all[r][c], within(1e-6));
      }
    }
  }

  @Test
  void without_drift_the_weights_stay_to_the_bit() {
    assertThat(target(moved, moved, 1, .05, one)).isEqualTo(w);
  }

  @Test
  void it_comes_closer_to_the_true_outputs_on_the_tokens() {
    assertThat(distance(target(x, moved, .5, .05, one))).isLessThan(.8 * distance(w));
    assertThat(distance(target(x, moved, 1, .05, one)))
        .isLessThan(distance(target(x, moved, .5, .05, one)));
  }

  /// Large models have channels that are 64 times as large as the others; damping must not drown
  /// these.
  @Test
  void the_outputs_do_not_depend_on_how_channels_are_scaled() {
    double[][] scaledX = scaled(x, 1);
    double[][] scaledMoved = scaled(moved, 1);
    double[][] plain = target(x, moved, 1, .05, one);
    double[][] target = scaled(target(scaledX, scaledMoved, scaled(w, -1), 1, .05, one), 1);
    for (int r = 0; r < ROWS; r++) {
      for (int c = 0; c < COLS; c++) {
        assertThat(target[r][c]).isCloseTo(plain[r][c], within(2e-4));
      }
    }
  }

  /// Every seventh column times 64, or divided by it.
  private static double[][] scaled(double[][] rows, int sign) {
    double[][] scaled = new double[rows.length][];
    for (int r = 0; r < rows.length; r++) {
      scaled[r] = rows[r].clone();
      for (int c = 0; c < COLS; c += 7) {
        scaled[r][c] *= Math.pow(64, sign);
      }
    }
    return scaled;
  }

  @Test
  void threads_do_not_change_a_bit() {
    try (Workers many = new Workers(3)) {
      assertThat(target(x, moved, .5, .05, many)).isEqualTo(target(x, moved, .5, .05, one));
    }
  }

  @Test
  void inputs_that_were_never_active_take_part_without_harm() {
    double[][] dead = new double[TOKENS][];
    for (int t = 0; t < TOKENS; t++) {
      dead[t] = moved[t].clone();
      dead[t][7] = 0;
    }
    double[][] target = target(x, dead, 1, .05, one);
    for (int r = 0; r < ROWS; r++) {
      assertThat(target[r][7]).isEqualTo(w[r][7]);
      assertThat(target[r]).doesNotContain(Double.NaN);
    }
    double[][] none = new double[TOKENS][COLS];
    assertThat(target(x, none, 1, .05, one)).isEqualTo(w);
  }

  @Test
  void the_loss_of_a_share_is_the_distance_of_the_outputs_on_the_tokens() {
    for (double share : new double[] {.25, .5, 1}) {
      double wanted = (distance(target(x, moved, share, .05, one)) - distance(w)) / TOKENS;
      assertThat(trial(x, moved, x, moved).loss(share)).isCloseTo(wanted, within(1e-4));
    }
  }

  @Test
  void a_drift_that_goes_on_is_made_up_for() {
    assertThat(trial(x, moved, x, moved).share()).isEqualTo(1);
  }

  /// On other tokens the input moves the other way.
  @Test
  void a_drift_that_does_not_go_on_is_left_alone() {
    double[][] back = new double[TOKENS][COLS];
    for (int t = 0; t < TOKENS; t++) {
      for (int c = 0; c < COLS; c++) {
        back[t][c] = 2 * x[t][c] - moved[t][c];
      }
    }
    assertThat(trial(x, moved, x, back).share()).isZero();
  }

  @Test
  void parts_of_the_tokens_make_the_correction_of_all() {
    double[][] ahead = Arrays.copyOf(x, 300);
    double[][] behind = Arrays.copyOfRange(x, 300, TOKENS);
    Sums all = sums(x, moved, one);
    Sums first = sums(ahead, Arrays.copyOf(moved, 300), one);
    Sums last = sums(behind, Arrays.copyOfRange(moved, 300, TOKENS), one);
    try (InputStatistics h = all.statistics;
        InputStatistics unused = first.statistics;
        InputStatistics neither = last.statistics;
        DriftTarget wanted = DriftTarget.of(h, all.drift, 1, one);
        DriftTarget mixed = DriftTarget.of(h, first.drift, 1, one);
        DriftTarget rest = DriftTarget.of(h, last.drift, 1, one)) {
      mixed.mix(rest, .25);
      for (int i = 0; i < COLS; i++) {
        for (int j = 0; j < COLS; j++) {
          assertThat(mixed.correction().getDouble(i, j))
              .isCloseTo(wanted.correction().getDouble(i, j), within(1e-6));
        }
      }
    }
  }

  private DriftTrial trial(
      double[][] full, double[][] input, double[][] keptFull, double[][] keptInput) {
    Sums all = sums(full, input, one);
    Sums kept = sums(keptFull, keptInput, one);
    try (HeldOut heldOut = new HeldOut(kept.statistics, kept.drift);
        InputStatistics statistics = all.statistics;
        DriftTarget target = DriftTarget.of(statistics, all.drift, 1, .05, one)) {
      DriftTrial trial = new DriftTrial(target, heldOut);
      trial.add(floats(w), ROWS);
      return trial;
    }
  }

  private double distance(double[][] q) {
    double sum = 0;
    for (int t = 0; t < TOKENS; t++) {
      for (int r = 0; r < ROWS; r++) {
        double d = 0;
        for (int c = 0; c < COLS; c++) {
          d += x[t][c] * w[r][c] - moved[t][c] * q[r][c];
        }
        sum += d * d;
      }
    }
    return sum;
  }

  private double[][] target(
      double[][] full, double[][] input, double share, double damping, Workers workers) {
    return target(full, input, w, share, damping, workers);
  }

  private double[][] target(
      double[][] full,
      double[][] input,
      double[][] weights,
      double share,
      double damping,
      Workers workers) {
    Sums sums = sums(full, input, workers);
    try (InputStatistics statistics = sums.statistics;
        DriftTarget target = DriftTarget.of(statistics, sums.drift, share, damping, workers)) {
      MemorySegment rows = floats(weights);
      target.applyToRows(rows, ROWS);
      double[][] out = new double[ROWS][COLS];
      for (int i = 0; i < ROWS * COLS; i++) {
        out[i / COLS][i % COLS] = rows.getAtIndex(JAVA_FLOAT, i);
      }
      return out;
    }
  }

  private record Sums(InputStatistics statistics, InputDrift drift) {}

  private Sums sums(double[][] full, double[][] input, Workers workers) {
    MemorySegment a = floats(full);
    MemorySegment b = floats(input);
    try (HessianAccumulator hessian = new HessianAccumulator("test", COLS, workers);
        DriftAccumulator cross = new DriftAccumulator("test", COLS, workers)) {
      hessian.add(b, full.length, COLS);
      cross.add(a, b, full.length);
      return new Sums(hessian.finish(), cross.finish());
    }
  }

  /// For each row of `w` the q with the smallest `|x w - input q|`, by the normal equations in
  /// double precision.
  private static double[][] leastSquares(double[][] x, double[][] input, double[][] w) {
    double[][] square = new double[COLS][COLS];
    for (double[] token : input) {
      for (int i = 0; i < COLS; i++) {
        for (int j = 0; j < COLS; j++) {
          square[i][j] += token[i] * token[j];
        }
      }
    }
    double[][] inverse = Surgeon.invert(square);
    double[][] best = new double[w.length][COLS];
    for (int r = 0; r < w.length; r++) {
      for (int t = 0; t < TOKENS; t++) {
        double wanted = 0;
        for (int c = 0; c < COLS; c++) {
          wanted += x[t][c] * w[r][c];
        }
        for (int i = 0; i < COLS; i++) {
          for (int j = 0; j < COLS; j++) {
            best[r][i] += inverse[i][j] * input[t][j] * wanted;
          }
        }
      }
    }
    return best;
  }

  /// The inputs with some of every other column mixed in, and noise.
  private double[][] moved() {
    double[][] mix = gaussian(COLS, COLS, 3);
    double[][] noise = gaussian(TOKENS, COLS, 4);
    double[][] all = new double[TOKENS][COLS];
    for (int t = 0; t < TOKENS; t++) {
      for (int c = 0; c < COLS; c++) {
        all[t][c] = x[t][c] + .05 * noise[t][c];
        for (int k = 0; k < COLS; k++) {
          all[t][c] += .03 * mix[k][c] * x[t][k];
        }
        all[t][c] = (float) all[t][c];
      }
    }
    return all;
  }

  /// Values that single precision holds exactly.
  private static double[][] gaussian(int rows, int cols, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] all = new double[rows][cols];
    for (double[] row : all) {
      for (int c = 0; c < cols; c++) {
        row[c] = (float) random.nextGaussian();
      }
    }
    return all;
  }

  private MemorySegment floats(double[][] rows) {
    MemorySegment all = arena.allocate((long) rows.length * COLS * Float.BYTES, 64);
    for (int i = 0; i < rows.length * COLS; i++) {
      all.setAtIndex(JAVA_FLOAT, i, (float) rows[i / COLS][i % COLS]);
    }
    return all;
  }
}
