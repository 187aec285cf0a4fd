package io.metalmarlin.formats.scheme.mlx;

import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;

/// Recognises packs of MLX's Metal backend before 0.32.1, whose `nvfp4` encoder took the largest
/// magnitude of 32 elements instead of 16: of two neighbouring groups one has a scale that is too
/// large. Such a pack is valid and decodes correctly, but its error is larger than it need be.
///
/// The sign is that the scales of the groups 0 and 1, 2 and 3, and so on are equal everywhere. In a
/// sound pack neighbours are equal now and then; how often, the pairs 1 and 2, 3 and 4, ... tell,
/// which the fault leaves alone. If a share `p` of those is equal, all `n` pairs of a sound pack
/// are equal with a probability of about `p^n`.
public final class MlxScaleBug {
  /// A sound matrix is suspected less often than once in a million.
  private static final double CHANCE = 1e-6;

  private MlxScaleBug() {}

  /// Whether the matrix has the sign and chance does not explain it. A matrix whose scales are all
  /// the same, or one of very few groups, tells nothing and is not suspected; neither is one of
  /// another grid than MLX's NVFP4.
  public static boolean suspected(QuantizedMatrix m) {
    if (!m.scheme().equals(Nvfp4Scheme.SINGLE_LEVEL)) {
      return false;
    }
    // The encoder knew no rows: pairs are counted through the whole matrix.
    long groups = (long) m.rows() * m.groups();
    long pairs = groups / 2;
    long others = (groups - 1) / 2;
    long equalOthers = 0;
    for (long pair = 0; pair < pairs; pair++) {
      int second = scale(m, 2 * pair + 1);
      if (scale(m, 2 * pair) != second) {
        return false;
      }
      if (pair < others && second == scale(m, 2 * pair + 2)) {
        equalOthers++;
      }
    }
    if (others == 0 || equalOthers == others) {
      return false;
    }
    // One more than counted, so that a share of 0 among few pairs is no certainty.
    double share = (equalOthers + 1.0) / (others + 1.0);
    return pairs * Math.log(share) < Math.log(CHANCE);
  }

  private static int scale(QuantizedMatrix m, long group) {
    return m.scheme().scaleType().code(m.scales(), group);
  }
}
