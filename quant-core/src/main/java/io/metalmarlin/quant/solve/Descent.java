package io.metalmarlin.quant.solve;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.runtime.blas.OpenBlas;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Coordinate descent on the codes and scales that error feedback left in a panel. With `D = Q - W`
/// and `B = -D H_r`, column j alone is best at `q_j + B_j / H_jj`, a parabola: its code moves only
/// to a grid value nearer to that, so `tr(D H_r D')` never rises. The same holds for a group's
/// scale ([GroupRefit]).
///
/// The panel's moving values hold D in their left half and B in their right. Blocks and leaves are
/// those of the feedback: in a leaf a change reaches the others at once, the rest of the block gets
/// a leaf's changes and all others a block's in one product each.
final class Descent {
  /// A code moves only for a gain well above the rounding of B.
  private static final float NEARER = .9999f;

  /// Passes over the codes behind the last fit of scales.
  private static final int LAST_PASSES = 3;

  private final Panel panel;
  private final HessianProducts h;
  private final GridKernel kernel;
  private final int[] order;
  private final Cuts cuts;
  private final int n;
  private final MemorySegment b;
  private final MemorySegment square;
  private final MemorySegment moved;
  private final float[] changes;
  private final float[] leaf;
  private final float[] row;
  private final float[] w;
  private final float[] x;
  private final float[] change;

  /// @param order stored column of each position
  /// @param arena for work memory; outlives this
  Descent(Panel panel, HessianProducts h, GridKernel kernel, int[] order, Cuts cuts, Arena arena) {
    this.panel = panel;
    this.h = h;
    this.kernel = kernel;
    this.order = order;
    this.cuts = cuts;
    this.n = panel.stride();
    this.b = panel.moving.asSlice((long) n * Float.BYTES);
    long block = cuts.widestBlock();
    this.square = arena.allocate(block * block * Float.BYTES, 64);
    this.moved = arena.allocate(block * n * Float.BYTES, 64);
    this.changes = new float[(int) block * n];
    this.leaf = new float[cuts.widestLeaf() * n];
    this.row = new float[n];
    this.w = new float[n];
    this.x = new float[n];
    this.change = new float[n];
  }

  /// Turns between codes and scales, then codes alone; stops when nothing moves.
  void run(GroupRefit refit, int cycles) {
    start();
    for (int cycle = 0; cycle < cycles; cycle++) {
      int moves = codes();
      moves += moves == 0 ? 0 : codes();
      moves += scales(refit);
      if (moves == 0) {
        return;
      }
    }
    for (int pass = 0; pass < LAST_PASSES && codes() > 0; pass++) {}
  }

  /// Computes B for the deviations in the panel.
  void start() {
    float[] zeros = new float[n];
    for (int p = 0; p < order.length; p++) {
      putGradient(p, zeros, 0);
    }
    for (int k = 1; k < cuts.blocks().length; k++) {
      int to = cuts.blocks()[k - 1];
      int from = cuts.blocks()[k];
      open(from, to);
      for (int p = from; p < to; p++) {
        deviations(p, changes, (p - from) * n);
      }
      inside(from, to, from, to);
      close(from, to);
    }
  }

  /// Rounds every column again.
  ///
  /// @return how many codes moved
  int codes() {
    int total = 0;
    for (int k = 1, l = 1; k < cuts.blocks().length; k++) {
      int to = cuts.blocks()[k - 1];
      int from = cuts.blocks()[k];
      open(from, to);
      int count = 0;
      for (; l < cuts.leaves().length && cuts.leaves()[l] >= from; l++) {
        int start = cuts.leaves()[l];
        int end = cuts.leaves()[l - 1];
        int here = leaf(from, to, start, end);
        if (here > 0) {
          inside(from, to, start, end);
        }
        count += here;
      }
      if (count > 0) {
        close(from, to);
      }
      total += count;
    }
    return total;
  }

  /// Fits the scales, and zeros where there are any, to the codes as they stand.
  ///
  /// @return how many moved; 0 where groups are scattered
  int scales(GroupRefit refit) {
    int total = 0;
    for (int k = 1; cuts.together() && k < cuts.blocks().length; k++) {
      int to = cuts.blocks()[k - 1];
      int from = cuts.blocks()[k];
      open(from, to);
      int count = 0;
      for (int end = to, start; end > from; end = start) {
        start = cuts.groupFrom()[end - 1];
        for (boolean zero : refit.steps()) {
          int here = refit(refit, zero, from, to, start, end);
          if (here > 0) {
            inside(from, to, start, end);
          }
          count += here;
        }
      }
      if (count > 0) {
        close(from, to);
      }
      total += count;
    }
    return total;
  }

  /// Error sums of what stands in the panel.
  ///
  /// @return `|D|^2` and `tr(D H D')`, H without damping
  double[] sums(ColumnFactor factor) {
    double squared = 0;
    double loss = 0;
    for (int p = 0; p < order.length; p++) {
      deviations(p, row, 0);
      gradient(p, x, 0);
      double own = 0;
      for (int i = 0; i < n; i++) {
        own += (double) row[i] * row[i];
        loss -= (double) row[i] * x[i];
      }
      squared += own;
      loss -= (factor.dead()[p] ? h.diagonal(p) : factor.added()[p]) * own;
    }
    return new double[] {squared, loss};
  }

  private int leaf(int from, int to, int start, int end) {
    int width = to - from;
    for (int p = start; p < end; p++) {
      gradient(p, leaf, (p - start) * n);
    }
    int count = 0;
    for (int p = end - 1; p >= start; p--) {
      int here = column(p, (p - start) * n);
      if (here > 0) {
        System.arraycopy(change, 0, changes, (p - from) * n, n);
        for (int k = start; k < p; k++) {
          float entry =
              square.getAtIndex(JAVA_FLOAT_UNALIGNED, (long) (k - from) * width + p - from);
          Lanes.subtractScaled(leaf, (k - start) * n, change, entry, n);
        }
      } else {
        Arrays.fill(changes, (p - from) * n, (p - from + 1) * n, 0);
      }
      count += here;
    }
    return count;
  }

  /// Moves the codes of one column.
  ///
  /// @param at where its part of B stands in `leaf`
  private int column(int p, int at) {
    deviations(p, row, 0);
    weights(p, w, 0);
    float inverse = 1 / h.diagonal(p);
    for (int i = 0; i < n; i++) {
      x[i] = w[i] + row[i] + leaf[at + i] * inverse;
    }
    int stored = order[p];
    int group = stored / panel.groupSize * n;
    kernel.round(
        x, 0, panel.fits.scales, panel.fits.zeros, group, n, panel.rounded, panel.roundedCodes);
    int count = 0;
    boolean joint = kernel.joint();
    boolean better = joint && nearer();
    for (int i = 0; i < n; i++) {
      change[i] = 0;
      float q = panel.rounded[i];
      int place = stored * n + i;
      if (joint
          ? better
          : (byte) panel.roundedCodes[i] != panel.codes[place]
              && Math.abs(q - x[i]) < NEARER * Math.abs(w[i] + row[i] - x[i])) {
        panel.codes[place] = (byte) panel.roundedCodes[i];
        change[i] = q - w[i] - row[i];
        row[i] = q - w[i];
        count++;
      }
    }
    if (count > 0) {
      putDeviations(p, row, 0);
    }
    return count;
  }

  /// Whether the rounded column as a whole lies nearer to its best than what stands there.
  private boolean nearer() {
    double now = 0;
    double then = 0;
    for (int i = 0; i < n; i++) {
      now += Math.pow(w[i] + row[i] - (double) x[i], 2);
      then += Math.pow(panel.rounded[i] - (double) x[i], 2);
    }
    return then < NEARER * NEARER * now;
  }

  private int refit(GroupRefit refit, boolean zero, int from, int to, int start, int end) {
    int width = to - from;
    long corner = (long) (start - from) * (width + 1);
    refit.load(panel, order[start] / panel.groupSize);
    for (int p = start; p < end; p++) {
      gradient(p, refit.gradient, (p - start) * n);
      deviations(p, refit.deviations, (p - start) * n);
      weights(p, refit.weights, (p - start) * n);
      refit.column(p - start, order[p]);
    }
    int count = refit.step(zero, end - start, square.asSlice(corner * Float.BYTES), width);
    if (count > 0) {
      for (int p = start; p < end; p++) {
        System.arraycopy(refit.changes, (p - start) * n, changes, (p - from) * n, n);
        putDeviations(p, refit.deviations, (p - start) * n);
      }
    }
    return count;
  }

  private void open(int from, int to) {
    h.square(from, to, square);
    moved.fill((byte) 0);
  }

  /// Gives the changes of positions `[start, end)` to the block `[from, to)` and notes them for all
  /// others.
  private void inside(int from, int to, int start, int end) {
    int width = to - from;
    MemorySegment step = panel.deviations;
    long at = (long) (start - from) * n;
    for (int i = 0; i < (end - start) * n; i++) {
      float c = changes[(int) at + i];
      step.setAtIndex(JAVA_FLOAT_UNALIGNED, i, c);
      moved.setAtIndex(
          JAVA_FLOAT_UNALIGNED, at + i, moved.getAtIndex(JAVA_FLOAT_UNALIGNED, at + i) + c);
    }
    OpenBlas.sgemm(
        false,
        false,
        width,
        n,
        end - start,
        -1,
        square.asSlice((long) (start - from) * Float.BYTES),
        width,
        step,
        n,
        1,
        b.asSlice(2L * from * n * Float.BYTES),
        2 * n);
  }

  private void close(int from, int to) {
    h.subtractElsewhere(from, to, moved, n, b, 2 * n);
  }

  private void gradient(int p, float[] out, int at) {
    MemorySegment.copy(b, JAVA_FLOAT_UNALIGNED, 2L * p * n * Float.BYTES, out, at, n);
  }

  private void putGradient(int p, float[] in, int at) {
    MemorySegment.copy(in, at, b, JAVA_FLOAT_UNALIGNED, 2L * p * n * Float.BYTES, n);
  }

  private void deviations(int p, float[] out, int at) {
    MemorySegment.copy(panel.moving, JAVA_FLOAT_UNALIGNED, 2L * p * n * Float.BYTES, out, at, n);
  }

  private void putDeviations(int p, float[] in, int at) {
    MemorySegment.copy(in, at, panel.moving, JAVA_FLOAT_UNALIGNED, 2L * p * n * Float.BYTES, n);
  }

  private void weights(int p, float[] out, int at) {
    MemorySegment.copy(panel.weights, JAVA_FLOAT_UNALIGNED, (long) p * n * Float.BYTES, out, at, n);
  }
}
