package io.metalmarlin.runtime.text.model;

import java.util.Arrays;

/// Strings as paths of UTF-16 units, in one open-addressing table: (node, unit) -> node.
public final class CharTrie {
  /// The empty string.
  public static final int ROOT = 0;

  /// No node, no value.
  public static final int NONE = -1;

  private static final long EMPTY = -1;

  private long[] keys = new long[1 << 10];
  private int[] children = new int[1 << 10];
  private int[] values = new int[1 << 8];
  private int nodes = 1;

  /// Holds no string.
  public CharTrie() {
    Arrays.fill(keys, EMPTY);
    Arrays.fill(values, NONE);
  }

  /// Gives a string a value from 0 on.
  public void put(String key, int value) {
    int node = ROOT;
    for (int i = 0; i < key.length(); i++) {
      node = grow(node, key.charAt(i));
    }
    values[node] = value;
  }

  /// The node behind a unit, or [#NONE].
  public int next(int node, char unit) {
    long key = (long) node << 16 | unit;
    int slot = slot(key);
    return keys[slot] == key ? children[slot] : NONE;
  }

  /// The node behind a string, or [#NONE].
  public int walk(int node, String text) {
    int now = node;
    for (int i = 0; i < text.length() && now >= 0; i++) {
      now = next(now, text.charAt(i));
    }
    return now;
  }

  /// The value of the string that ends at a node, or [#NONE].
  public int value(int node) {
    return values[node];
  }

  private int grow(int node, char unit) {
    long key = (long) node << 16 | unit;
    int slot = slot(key);
    if (keys[slot] == key) {
      return children[slot];
    }
    if (nodes * 2 > keys.length) {
      rehash();
      slot = slot(key);
    }
    keys[slot] = key;
    children[slot] = nodes;
    if (nodes == values.length) {
      values = Arrays.copyOf(values, nodes * 2);
      Arrays.fill(values, nodes, nodes * 2, NONE);
    }
    return nodes++;
  }

  private void rehash() {
    long[] oldKeys = keys;
    int[] oldChildren = children;
    keys = new long[oldKeys.length * 2];
    children = new int[keys.length];
    Arrays.fill(keys, EMPTY);
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != EMPTY) {
        int slot = slot(oldKeys[i]);
        keys[slot] = oldKeys[i];
        children[slot] = oldChildren[i];
      }
    }
  }

  private int slot(long key) {
    int slot = (int) (key * 0x9E3779B97F4A7C15L >>> 32) & keys.length - 1;
    while (keys[slot] != EMPTY && keys[slot] != key) {
      slot = slot + 1 & keys.length - 1;
    }
    return slot;
  }
}
