package io.metalmarlin.runtime.cache;

/// How a row of a cache is stored: the keys or values of one head at one position. [CacheRows] has
/// the bytes.
///
/// The last [#EXACT] positions before a query, its own among them, are read unrounded: the rounding
/// of what a model looks at most costs the most.
public interface CacheFormat {
  /// Positions that a query reads unrounded: its own and those right before it.
  int EXACT = 32;

  /// What `--kv-cache` calls it.
  String name();

  /// What the codes stand for.
  Codes codes();

  ScaleKind scales();

  /// Values that share a scale, in a row of `width`; the last group may be shorter.
  int group(int width);

  /// Whether a Hadamard transform of each row comes before the rounding. Queries get the same one
  /// and results the inverse, which is itself: no product changes but by rounding.
  boolean rotated();

  /// The bits of the scale for values whose largest magnitude is `amax`.
  ///
  /// @param x the values `[from, to)`
  int scale(float[] x, int from, int to, float amax);

  /// Bytes of a row.
  default int bytes(int width) {
    return codeBytes(width) + Math.ceilDiv(width, group(width)) * scales().bytes();
  }

  /// Bytes of a row's codes, behind which its scales stand.
  default int codeBytes(int width) {
    return Math.ceilDiv(width * codes().bits(), 8);
  }
}
