package io.metalmarlin.cli.args;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/// The known word a mistyped one was probably meant to be.
public final class Nearest {
  private Nearest() {}

  /// The known word with the smallest edit distance (insert, delete, replace, swap of neighbours),
  /// if that distance is at most a third of the word's length; ties go to the first in alphabetical
  /// order.
  public static Optional<String> of(String word, Collection<String> known) {
    int limit = Math.max(1, word.replace("-", "").length() / 3);
    return known.stream()
        .filter(k -> distance(word, k) <= limit)
        .min(Comparator.<String>comparingInt(k -> distance(word, k)).thenComparing(k -> k));
  }

  /// Optimal string alignment distance.
  static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int replace = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        d[i][j] = Math.min(replace, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
