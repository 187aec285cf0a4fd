package io.metalmarlin.runtime.text.split;

/// One step of pre-tokenization: cuts a stretch of text into the pieces that the next step works
/// on. What a step sees ends with its stretch: a look-ahead does not look into the next one.
@FunctionalInterface
public interface Splitter {
  /// Leaves everything in one piece.
  Splitter WHOLE = (text, start, end, first, out) -> out.piece(text, start, end, first);

  /// Hands the pieces of `text[start, end)`, which is not empty, to `out` in order; none is empty.
  ///
  /// @param first whether it is the beginning of the whole text
  void split(String text, int start, int end, boolean first, Sink out);

  /// This step, then another on each of its pieces.
  default Splitter then(Splitter next) {
    if (this == WHOLE) {
      return next;
    }
    return next == WHOLE
        ? this
        : (text, start, end, first, out) ->
            split(text, start, end, first, (t, s, e, f) -> next.split(t, s, e, f, out));
  }

  /// Receives pieces.
  interface Sink {
    /// `text[start, end)`; the text need not be the one that was split.
    ///
    /// @param first whether the piece is the beginning of the whole text
    void piece(String text, int start, int end, boolean first);
  }
}
