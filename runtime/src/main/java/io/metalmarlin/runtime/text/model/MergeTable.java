package io.metalmarlin.runtime.text.model;

import java.util.Arrays;

/// The merge rules of a BPE model: (left id, right id) -> (rank, merged id), as one open-addressing
/// table of two long arrays, because it is asked several times for every byte of text.
public final class MergeTable {
  /// What [#find] gives for a pair that never merges.
  public static final long NONE = -1;

  private static final long EMPTY = -1;

  private final long[] keys;
  private final long[] values;
  private final int shift;

  /// @param count how many rules will be put
  public MergeTable(int count) {
    int bits = 33 - Integer.numberOfLeadingZeros(Math.max(count, 4));
    keys = new long[1 << bits];
    values = new long[1 << bits];
    Arrays.fill(keys, EMPTY);
    shift = Long.SIZE - bits;
  }

  /// Adds a rule; a pair given twice keeps its last rank, as in the reference.
  public void put(int left, int right, int rank, int merged) {
    long key = key(left, right);
    int slot = slot(key);
    keys[slot] = key;
    values[slot] = (long) rank << 32 | merged;
  }

  /// `rank << 32 | merged id`, or [#NONE].
  public long find(int left, int right) {
    long key = key(left, right);
    int slot = slot(key);
    return keys[slot] == key ? values[slot] : NONE;
  }

  private int slot(long key) {
    int slot = (int) (key * 0x9E3779B97F4A7C15L >>> shift);
    while (keys[slot] != EMPTY && keys[slot] != key) {
      slot = slot + 1 & keys.length - 1;
    }
    return slot;
  }

  private static long key(int left, int right) {
    return (long) left << 32 | right;
  }
}
