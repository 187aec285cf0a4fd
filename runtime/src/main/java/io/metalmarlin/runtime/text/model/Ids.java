package io.metalmarlin.runtime.text.model;

import java.util.Arrays;

/// A growing list of ids.
public final class Ids {
  private int[] ids;
  private int size;

  public Ids(int capacity) {
    ids = new int[Math.max(capacity, 4)];
  }

  /// Appends one.
  public void add(int id) {
    if (size == ids.length) {
      ids = Arrays.copyOf(ids, size * 2);
    }
    ids[size++] = id;
  }

  /// Appends the first `count`.
  public void addAll(int[] more, int count) {
    if (size + count > ids.length) {
      ids = Arrays.copyOf(ids, Math.max(size + count, size * 2));
    }
    System.arraycopy(more, 0, ids, size, count);
    size += count;
  }

  /// A copy.
  public int[] toArray() {
    return Arrays.copyOf(ids, size);
  }
}
