package io.metalmarlin.runtime.text;

/// One step of pre-tokenization: cuts a stretch of text into the pieces that the next step works
/// on. What a step sees ends with its stretch: a look-ahead does not look into the next one.
interface Splitter {
  /// Leaves everything in one piece.
  Splitter WHOLE = (text, start, end, out) -> out.piece(text, start, end);

  /// Begins each stretch with a space unless it has one (`add_prefix_space`).
  Splitter PREFIX_SPACE =
      (text, start, end, out) -> {
        if (text.charAt(start) == ' ') {
          out.piece(text, start, end);
        } else {
          String spaced = " " + text.substring(start, end);
          out.piece(spaced, 0, spaced.length());
        }
      };

  /// Hands the pieces of `text[start, end)`, which is not empty, to `out` in order; none is empty.
  void split(String text, int start, int end, Sink out);

  /// This step, then another on each of its pieces.
  default Splitter then(Splitter next) {
    return (text, start, end, out) ->
        split(text, start, end, (t, s, e) -> next.split(t, s, e, out));
  }

  /// Receives pieces.
  interface Sink {
    /// `text[start, end)`; the text need not be the one that was split.
    void piece(String text, int start, int end);
  }
}
