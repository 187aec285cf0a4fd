package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.runtime.blas.OpenBlas;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// One group's scale (or zero) for codes that stay: with the direction k, in which the parameter
/// moves the group, the loss is a parabola with its minimum `B k' / (k H k')` away. The nearest
/// storable parameter is taken if it lowers the loss; a scale keeps its sign and is never 0.
///
/// Work memory of one thread.
final class GroupRefit {
  private static final boolean[] SCALES = {false};
  private static final boolean[] SCALES_AND_ZEROS = {false, true};

  /// Rounding must not pass for a gain.
  private static final double GAIN = 1e-6;

  private final GroupScheme scheme;
  private final GroupScales rule;
  private final boolean joint;
  private final float[] values;
  private final MemorySegment direction;
  private final MemorySegment image;
  private final Fits candidate = new Fits(1);

  /// `columns x n`, in order of positions: B, D and the weights; changes of D after a step.
  final float[] gradient;

  final float[] deviations;
  final float[] weights;
  final float[] changes;
  private final float[] k;
  private Panel panel;
  private int n;
  private int first;

  /// @param joint as [GridKernel#joint] says
  GroupRefit(GroupScheme scheme, GroupScales rule, boolean joint, Panel panel, Arena arena) {
    this.scheme = scheme;
    this.rule = rule;
    this.joint = joint;
    this.panel = panel;
    int size = panel.groupSize * Panel.ROWS;
    this.values = new float[1 << scheme.codeBits()];
    for (int code = 0; code < values.length; code++) {
      values[code] = scheme.value(code);
    }
    this.direction = arena.allocate((long) size * Float.BYTES, 64);
    this.image = arena.allocate((long) size * Float.BYTES, 64);
    this.gradient = new float[size];
    this.deviations = new float[size];
    this.weights = new float[size];
    this.changes = new float[size];
    this.k = new float[size];
  }

  /// The steps of one pass: false for the scale, true for the zero.
  boolean[] steps() {
    return scheme.zero() == Zero.NONE ? SCALES : SCALES_AND_ZEROS;
  }

  /// Begins a group.
  void load(Panel of, int group) {
    panel = of;
    n = of.stride();
    first = group * n;
  }

  /// Reads the codes of a column, whose weights and deviations are there already: they say what
  /// joint codes are worth.
  void column(int c, int storedColumn) {
    for (int i = 0; i < n; i++) {
      int at = c * n + i;
      if (joint) {
        k[at] = (weights[at] + deviations[at]) / panel.fits.scales[first + i];
        continue;
      }
      float value = values[panel.codes[storedColumn * n + i] & 0xff];
      k[at] = scheme.zero() == Zero.POINT ? value - panel.fits.zeros[first + i] : value;
    }
  }

  /// Moves the scales or zeros of all rows, D with them.
  ///
  /// @param square H of the group, `width` a row
  /// @return how many moved
  int step(boolean zero, int columns, MemorySegment square, int width) {
    int size = columns * n;
    for (int i = 0; i < size; i++) {
      direction.setAtIndex(JAVA_FLOAT_UNALIGNED, i, zero ? 1 : k[i]);
    }
    OpenBlas.sgemm(false, false, columns, n, columns, 1, square, width, direction, n, 0, image, n);
    int count = 0;
    for (int i = 0; i < n; i++) {
      double slope = 0;
      double curve = 0;
      for (int c = 0; c < columns; c++) {
        double d = zero ? 1 : k[c * n + i];
        slope += d * gradient[c * n + i];
        curve += d * image.getAtIndex(JAVA_FLOAT_UNALIGNED, (long) c * n + i);
      }
      boolean moves = curve > 0 && (zero ? zero(i, slope, curve) : scale(i, slope, curve));
      for (int c = 0; c < columns; c++) {
        int at = c * n + i;
        float before = deviations[at];
        if (moves) {
          deviations[at] = value(i, zero, k[at]) - weights[at];
        }
        changes[at] = moves ? deviations[at] - before : 0;
      }
      if (moves) {
        panel.fits.set(first + i, candidate, 0);
        count++;
      }
    }
    return count;
  }

  /// The value of a code under the candidate.
  private float value(int i, boolean zero, float code) {
    return switch (scheme.zero()) {
      case NONE -> candidate.scales[0] * code;
      case POINT ->
          (zero ? code + panel.fits.zeros[first + i] - candidate.zeros[0] : code)
              * candidate.scales[0];
      case BIAS -> code * candidate.scales[0] + candidate.zeros[0];
    };
  }

  private boolean scale(int i, double slope, double curve) {
    float s = panel.fits.scales[first + i];
    float wanted = (float) (s + slope / curve);
    if (!(wanted * s > 0) || Math.abs(s) >= Float.MAX_VALUE) {
      return false;
    }
    int code = scheme.nearestScale(wanted / rule.tensorScale.effective(1));
    if (scheme.scaleType() == ScaleType.E4M3 || scheme.scaleType() == ScaleType.E8M0) {
      code = Math.max(1, code);
    }
    rule.put(candidate, 0, code, panel.fits.zeroCodes[first + i]);
    float next = candidate.scales[0];
    return Math.abs(next) < Float.MAX_VALUE
        && next * s > 0
        && gains((double) next - s, slope, curve);
  }

  private boolean zero(int i, double slope, double curve) {
    float s = panel.fits.scales[first + i];
    float z = panel.fits.zeros[first + i];
    double moved = slope / curve;
    int code;
    double move;
    if (scheme.zero() == Zero.POINT) {
      code = (int) Math.clamp(Math.rint(z - moved / s), 0, values.length - 1);
      move = -(double) s * (code - z);
    } else {
      float wanted = (float) (z + moved);
      if (!Float.isFinite(wanted)) {
        return false;
      }
      code = scheme.nearestScale(wanted);
      move = (double) scheme.scaleValue(code) - z;
    }
    rule.put(candidate, 0, panel.fits.scaleCodes[first + i], code);
    return Float.isFinite(candidate.zeros[0]) && gains(move, slope, curve);
  }

  private static boolean gains(double move, double slope, double curve) {
    return move * (2 * slope - move * curve) > GAIN * move * move * curve;
  }
}
