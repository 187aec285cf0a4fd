package io.metalmarlin.runtime.model;

/// The order of rows in a fused projection of queries, keys and values.
public enum QkvLayout {
  /// All queries, all keys, all values.
  BY_KIND,
  /// Per key head: its queries, its key, its value. With as many key heads as heads this is per
  /// head: query, key, value.
  BY_KEY_HEAD
}
