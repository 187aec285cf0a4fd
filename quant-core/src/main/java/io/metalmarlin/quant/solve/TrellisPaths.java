package io.metalmarlin.quant.solve;

import io.metalmarlin.formats.scheme.TrellisScheme;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// The search of Viterbi for one column: work memory of one thread.
///
/// Rows are taken from the last to the first, since the states of neighbours overlap by all but one
/// symbol: with `G = 2^(12 - bits)` the row above a row in state `u` is in one of the states `(u
/// mod G) * 2^bits + symbol`. So all states `u` with the same remainder g compete to stand below
/// the states `t` with `t / 2^bits = g`, and only the cheapest, `u = h G + g`, survives. Costs are
/// positive numbers, whose bits order as they do: the lowest bits of a cost hold h, so that the
/// minimum brings its origin with it, at 2^-20 of precision.
final class TrellisPaths {
  /// No condition on the ends.
  static final int ANY = -1;

  private static final VectorSpecies<Float> F = Lanes.SPECIES;
  private static final VectorSpecies<Integer> I = F.vectorShape().withLanes(int.class);
  private static final int FAR = Float.floatToRawIntBits(0x1p100f);

  private final int bits;
  private final int origins;
  private final int groups;
  private final float[] values;
  private final VectorShuffle<Integer> spread;
  private final float[] target = new float[TrellisScheme.TILE_ROWS];
  private final float[] scale = new float[TrellisScheme.TILE_ROWS];
  private final int[] states = new int[TrellisScheme.TILE_ROWS];
  private final int[] costs;

  // The survivors of every row, G each, and room for a vector behind the last.
  private final int[] survivors;
  private int rows;

  /// @param values of all states
  TrellisPaths(int bits, float[] values) {
    this.bits = bits;
    this.origins = 1 << bits;
    this.groups = values.length >> bits;
    this.values = values;
    this.spread = VectorShuffle.fromOp(I, i -> i >> bits);
    this.costs = new int[values.length];
    this.survivors = new int[TrellisScheme.TILE_ROWS * groups + I.length()];
  }

  /// Takes a column and its scales, both in units of the largest scale, so that no cost underflows.
  void load(float[] v, int vFrom, float[] scales, int from, int n) {
    rows = n;
    float largest = 0;
    for (int i = 0; i < n; i++) {
      largest = Math.max(largest, scales[from + i]);
    }
    float unit = 1 / largest;
    for (int i = 0; i < n; i++) {
      target[i] = Math.clamp(v[vFrom + i] * unit, -0x1p30f, 0x1p30f);
      scale[i] = scales[from + i] * unit;
    }
  }

  /// What two neighbouring states share, as a mask: G - 1.
  int overlap() {
    return groups - 1;
  }

  /// The state of a row on the path found last.
  int state(int row) {
    return states[row];
  }

  /// Finds the cheapest path. Ties go to the lower origin, and at the first row to the lower state.
  ///
  /// @param first the row at which the path begins and before which it ends
  /// @param crossing the overlap of the two states at its ends, or [#ANY]
  void search(int first, int crossing) {
    Arrays.fill(costs, 0);
    for (int k = rows - 1; k >= 0; k--) {
      int row = (first + k) % rows;
      int at = row * groups;
      survive(at);
      if (k == rows - 1 && crossing != ANY) {
        int kept = survivors[at + crossing];
        Arrays.fill(survivors, at, at + groups, FAR);
        survivors[at + crossing] = kept;
      }
      for (int h = 0; h < origins; h++) {
        extend(target[row], scale[row], at, h);
      }
    }
    int best = crossing == ANY ? 0 : crossing;
    for (int t = best; t < costs.length; t += crossing == ANY ? 1 : groups) {
      best = costs[t] >> bits < costs[best] >> bits ? t : best;
    }
    for (int k = 0; k < rows; k++) {
      int row = (first + k) % rows;
      states[row] = best;
      int group = best >> bits;
      int origin = survivors[row * groups + group] & origins - 1;
      best = origin * groups + group;
    }
  }

  /// The cheapest of the states with each remainder.
  private void survive(int at) {
    for (int g = 0; g < groups; g += I.length()) {
      IntVector least = IntVector.fromArray(I, costs, g);
      for (int u = g + groups; u < costs.length; u += groups) {
        least = least.min(IntVector.fromArray(I, costs, u));
      }
      least.intoArray(survivors, at + g);
    }
  }

  /// The costs of all states whose highest bits are `h`, with this row.
  private void extend(float v, float s, int at, int h) {
    int from = h * groups;
    int keep = -origins;
    for (int t = from; t < from + groups; t += I.length()) {
      FloatVector d = FloatVector.fromArray(F, values, t).mul(s).sub(v);
      IntVector below = IntVector.fromArray(I, survivors, at + (t >> bits));
      FloatVector cost = d.mul(d).add(below.rearrange(spread).reinterpretAsFloats());
      cost.reinterpretAsInts().and(keep).or(h).intoArray(costs, t);
    }
  }
}
