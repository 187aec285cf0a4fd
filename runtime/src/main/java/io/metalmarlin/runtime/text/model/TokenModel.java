package io.metalmarlin.runtime.text.model;

import io.metalmarlin.runtime.text.split.Splitter;

/// Turns pieces into ids. The ids of a piece depend on nothing but its text, so they may be
/// remembered. Safe for several threads.
public interface TokenModel {
  /// Appends the ids of a piece, which is not empty.
  void tokenize(String piece, Ids out);

  /// Where a piece can be cut further without changing an id, so that words are met again.
  default Splitter cuts() {
    return Splitter.WHOLE;
  }
}
