package io.metalmarlin.runtime.text.split;

import io.metalmarlin.runtime.text.spec.Spec;

/// What becomes of the matches of a `Split` or `Punctuation`.
enum Behavior {
  REMOVED("Removed"),
  ISOLATED("Isolated"),
  MERGED_WITH_PREVIOUS("MergedWithPrevious"),
  MERGED_WITH_NEXT("MergedWithNext"),
  CONTIGUOUS("Contiguous");

  private final String spelling;

  Behavior(String spelling) {
    this.spelling = spelling;
  }

  /// @param otherwise where the file says nothing; empty if it must say
  static Behavior of(Spec spec, String otherwise) {
    String name = otherwise.isEmpty() ? spec.text("behavior") : spec.text("behavior", otherwise);
    for (Behavior b : values()) {
      if (b.spelling.equals(name)) {
        return b;
      }
    }
    throw spec.unsupported("behavior \"" + name + "\"");
  }
}
