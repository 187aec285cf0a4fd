package io.metalmarlin.formats.scheme.ggml;

/// A block type whose weights come in vectors: a number names a point of a codebook, which gives
/// the magnitudes of the vector's levels, and every weight has a sign of its own.
///
/// The code of a weight is negative where the weight is; its lower seven bits are a part of the
/// vector's point number for the first two weights of a vector, the lowest bits first, and 0 for
/// the others.
public non-sealed interface PointForm extends BlockForm {
  /// Weights of a vector, a divisor of a run.
  int width();

  /// How many points there are.
  int points();

  /// The magnitude of one level of a point; never 0.
  int magnitude(int point, int index);

  /// Weights among which the number of negative ones is even, whole vectors and a divisor of a run;
  /// 1 where every weight has a sign of its own.
  int evenSigns();

  /// The code of a weight.
  ///
  /// @param index of the weight in its vector
  static byte code(int point, int index, boolean negative) {
    int part = index < 2 ? point >> 7 * index & 127 : 0;
    return (byte) (negative ? part | 128 : part);
  }

  /// The point whose vector begins with code number `c`.
  static int point(byte[] codes, int c) {
    return codes[c] & 127 | (codes[c + 1] & 127) << 7;
  }

  /// The signs of `count` codes from number `c` on as bits, set where negative.
  static int signs(byte[] codes, int c, int count) {
    int signs = 0;
    for (int i = 0; i < count; i++) {
      signs |= (codes[c + i] < 0 ? 1 : 0) << i;
    }
    return signs;
  }
}
