package io.metalmarlin.quant.solve;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Where error feedback cuts the positions of the columns: blocks, leaves inside blocks, and where
/// groups stay together groups inside leaves. Boundaries run from the number of columns down to 0.
///
/// @param blocks boundaries of blocks
/// @param leaves boundaries of leaves, those of blocks among them
/// @param groupFrom for the highest position of a group its lowest one, -1 for all others; empty
///   where groups are scattered
record Cuts(int[] blocks, int[] leaves, int[] groupFrom) {
  private static final int BLOCK = 128;
  private static final int LEAF = 32;

  /// Widest group that stays whole inside a leaf.
  static final int WIDEST_GROUP = 256;

  /// Cuts at fixed positions.
  static Cuts fixed(int cols) {
    return new Cuts(multiples(cols, BLOCK), multiples(cols, LEAF), new int[0]);
  }

  /// Cuts between groups only.
  ///
  /// @param order stored column of each position, groups together
  static Cuts betweenGroups(int[] order, int groupSize) {
    int cols = order.length;
    int[] groupFrom = new int[cols];
    Arrays.fill(groupFrom, -1);
    List<Integer> blocks = new ArrayList<>(List.of(cols));
    List<Integer> leaves = new ArrayList<>(List.of(cols));
    for (int to = cols, from; to > 0; to = from) {
      int group = order[to - 1] / groupSize;
      for (from = to - 1; from > 0 && order[from - 1] / groupSize == group; ) {
        from--;
      }
      groupFrom[to - 1] = from;
      boolean full = to < blocks.getLast() && blocks.getLast() - from > BLOCK;
      if (full) {
        blocks.add(to);
      }
      if (full || to < leaves.getLast() && leaves.getLast() - from > LEAF) {
        leaves.add(to);
      }
    }
    blocks.add(0);
    leaves.add(0);
    return new Cuts(array(blocks), array(leaves), groupFrom);
  }

  boolean together() {
    return groupFrom.length > 0;
  }

  /// Columns of the widest block.
  int widestBlock() {
    return widest(blocks);
  }

  /// Columns of the widest leaf.
  int widestLeaf() {
    return widest(leaves);
  }

  private static int widest(int[] cuts) {
    int widest = 0;
    for (int i = 1; i < cuts.length; i++) {
      widest = Math.max(widest, cuts[i - 1] - cuts[i]);
    }
    return widest;
  }

  private static int[] multiples(int cols, int size) {
    List<Integer> cuts = new ArrayList<>(List.of(cols));
    for (int to = cols; to > 0; to = (to - 1) / size * size) {
      cuts.add((to - 1) / size * size);
    }
    return array(cuts);
  }

  private static int[] array(List<Integer> cuts) {
    return cuts.stream().mapToInt(Integer::intValue).toArray();
  }
}
