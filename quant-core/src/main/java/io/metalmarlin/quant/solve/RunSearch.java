package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.ggml.BlockForm;
import io.metalmarlin.formats.scheme.ggml.LevelForm;
import java.util.Arrays;

/// Chooses scale and min of one run for some rows, out of those that its blocks can store: every
/// candidate is replayed, and the one that adds least to the loss wins. Work memory of one thread.
final class RunSearch {
  /// What the lowest and the highest value of a run with a min are multiplied with.
  private static final float[] RANGES = {.8f, .9f, 1, 1.1f, 1.2f};

  /// What the scale of a run of single weights is multiplied with, with either sign.
  private static final float[] FACTORS = {.7f, .8f, .9f, 1, 1.1f, 1.2f, 1.3f};

  /// What the scale of a run of vectors is multiplied with; a replay costs much more.
  private static final float[] VECTOR_FACTORS = {.85f, 1.15f};

  /// Where the largest weight of a run of vectors may lie, the greatest magnitude being 1.
  private static final float[] LARGEST = {.95f, 1.05f, 1.1f, 1.2f, 1.25f, 1.35f, 1.45f, 1.65f};

  /// Relative step where scales and mins are any numbers.
  private static final float FINE = .01f;

  private static final int ROWS = RunReplay.ROWS;

  final RunReplay replay;

  /// Scale of each row; in, and the winner's out.
  final float[] scales = new float[ROWS];

  /// Min of each row; in, and the winner's out.
  final float[] mins = new float[ROWS];

  /// The unit of the scales; to be filled.
  final float[] steps = new float[ROWS];

  /// The unit of the mins; to be filled.
  final float[] minSteps = new float[ROWS];

  /// Loss of the winner.
  final float[] best = new float[ROWS];

  /// Whether a candidate has won.
  final boolean[] changed = new boolean[ROWS];

  /// Room for values of a run.
  final float[] values;

  /// Room for codes of a run.
  final byte[] kept;

  private final byte[] codes;
  private final BlockForm form;
  private final float top;
  private final float[] scale = new float[ROWS];
  private final float[] min = new float[ROWS];
  private final float[] firstScale = new float[ROWS];
  private final float[] firstMin = new float[ROWS];

  RunSearch(BlockForm form) {
    this.form = form;
    this.replay = RunReplay.of(form);
    this.values = new float[form.run() * ROWS];
    this.kept = new byte[form.run() * ROWS];
    this.codes = new byte[form.run() * ROWS];
    this.top = form instanceof LevelForm f ? f.levels()[f.levels().length - 1] : 0;
  }

  /// Counts from the scales and mins given: they stay where nothing is better.
  void start(RunFactor factor) {
    Arrays.fill(best, Float.POSITIVE_INFINITY);
    again(factor);
  }

  /// Tries the scales and mins given.
  void again(RunFactor factor) {
    System.arraycopy(scales, 0, scale, 0, ROWS);
    System.arraycopy(mins, 0, min, 0, ROWS);
    tryOut(factor);
  }

  /// Tries the whole range around the scales and mins given.
  void wide(RunFactor factor) {
    remember();
    if (form.greatestMin() > 0) {
      for (float low : RANGES) {
        for (float high : RANGES) {
          for (int i = 0; i < ROWS; i++) {
            float m = firstMin[i] * low;
            float h = (base(i) * top - firstMin[i]) * high;
            propose(i, (h + m) / top, m);
          }
          tryOut(factor);
        }
      }
      return;
    }
    boolean turns = form instanceof LevelForm;
    for (float f : turns ? FACTORS : VECTOR_FACTORS) {
      for (int sign = 1; sign >= (turns ? -1 : 1); sign -= 2) {
        for (int i = 0; i < ROWS; i++) {
          propose(i, sign * f * base(i), 0);
        }
        tryOut(factor);
      }
    }
  }

  /// Tries the next storable scales and mins around the winners so far.
  void near(RunFactor factor, int rounds) {
    int reach = form.greatestMin() > 0 ? 1 : 0;
    for (int r = 0; r < rounds; r++) {
      remember();
      for (int ds = -1; ds <= 1; ds++) {
        for (int dm = -reach; dm <= reach; dm++) {
          if (ds != 0 || dm != 0) {
            for (int i = 0; i < ROWS; i++) {
              propose(i, firstScale[i] + ds * unit(i), firstMin[i] + dm * minUnit(i));
            }
            tryOut(factor);
          }
        }
      }
    }
  }

  /// Tries scales that need not be storable, from those that put the largest weight on the greatest
  /// magnitude downwards.
  void alone(RunFactor factor, float greatest) {
    Arrays.fill(best, Float.POSITIVE_INFINITY);
    Arrays.fill(min, 0);
    for (int i = 0; i < ROWS; i++) {
      float most = 0;
      for (int k = i; k < replay.values.length; k += ROWS) {
        most = Math.max(most, Math.abs(replay.values[k]));
      }
      firstScale[i] = most / greatest;
    }
    for (float largest : LARGEST) {
      for (int i = 0; i < ROWS; i++) {
        scale[i] = firstScale[i] / largest;
      }
      tryOut(factor);
    }
  }

  /// Rounds with the winners once more, so that [#replay] holds what becomes of them.
  void finish(RunFactor factor) {
    replay.replay(factor, scales, mins);
  }

  /// The codes of the last replay.
  byte[] codes() {
    replay.codes(codes);
    return codes;
  }

  /// The storable scale nearest to `x`.
  float storable(float x, float step) {
    if (step == 0) {
      return 0;
    }
    double code = form.scaleCode(step, x);
    return form.scale(step, (int) Math.clamp(code, form.leastScale(), form.greatestScale()));
  }

  /// The fp16 nearest to `x`.
  static float half(float x) {
    return Float.float16ToFloat(Float.floatToFloat16(x));
  }

  private void remember() {
    System.arraycopy(scales, 0, firstScale, 0, ROWS);
    System.arraycopy(mins, 0, firstMin, 0, ROWS);
  }

  private float base(int i) {
    return firstScale[i] == 0 ? steps[i] : firstScale[i];
  }

  private float unit(int i) {
    return form.free()
        ? FINE * firstScale[i]
        : form.scale(steps[i], form.leastScale() + 1) - form.scale(steps[i], form.leastScale());
  }

  private float minUnit(int i) {
    return form.free() ? FINE * firstMin[i] : minSteps[i];
  }

  private void propose(int i, float s, float m) {
    if (form.free()) {
      scale[i] = half(s);
      min[i] = form.greatestMin() > 0 ? half(m) : 0;
    } else {
      scale[i] = storable(s, steps[i]);
      double code = minSteps[i] == 0 ? 0 : Math.rint((double) m / minSteps[i]);
      min[i] = minSteps[i] * (float) Math.clamp(code, 0, form.greatestMin());
    }
  }

  private void tryOut(RunFactor factor) {
    replay.replay(factor, scale, min);
    for (int i = 0; i < ROWS; i++) {
      if (replay.loss[i] < best[i]) {
        best[i] = replay.loss[i];
        changed[i] = true;
        scales[i] = scale[i];
        mins[i] = min[i];
      }
    }
  }
}
