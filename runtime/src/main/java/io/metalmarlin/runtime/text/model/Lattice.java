package io.metalmarlin.runtime.text.model;

import java.util.Arrays;

/// The best way to cut a text into pieces of a Unigram vocabulary (Kudo 2018): the largest sum of
/// scores, found from left to right in one pass.
public final class Lattice {
  private final CharTrie pieces;
  private final double[] scores;
  private final double unknownScore;
  private final boolean single;

  /// @param scores by the trie's values
  /// @param unknownScore of one character that is no piece by itself
  /// @param single whether sums are rounded to 32 bits, as SentencePiece's are
  public Lattice(CharTrie pieces, double[] scores, double unknownScore, boolean single) {
    this.pieces = pieces;
    this.scores = scores;
    this.unknownScore = unknownScore;
    this.single = single;
  }

  /// Where the pieces of the best way end, and their values; -1 for an unknown character.
  ///
  /// @param starts by end: where the piece that ends there starts
  /// @param values by end
  public record Path(int[] starts, int[] values) {}

  /// The best way for each end; following `starts` back from the text's length gives that of the
  /// whole text.
  public Path best(String text) {
    int length = text.length();
    double[] best = new double[length + 1];
    int[] starts = new int[length + 1];
    int[] values = new int[length + 1];
    Arrays.fill(starts, -1);
    int width;
    for (int at = 0; at < length; at += width) {
      width = Character.charCount(text.codePointAt(at));
      boolean alone = false;
      int node = CharTrie.ROOT;
      for (int end = at; end < length; ) {
        node = pieces.next(node, text.charAt(end++));
        if (node < 0) {
          break;
        }
        int value = pieces.value(node);
        if (value >= 0) {
          offer(best, starts, values, at, end, scores[value], value);
          alone |= end == at + width;
        }
      }
      if (!alone) {
        offer(best, starts, values, at, at + width, unknownScore, -1);
      }
    }
    return new Path(starts, values);
  }

  private void offer(
      double[] best, int[] starts, int[] values, int at, int end, double score, int value) {
    double sum = single ? (float) score + (float) best[at] : score + best[at];
    sum = single ? (float) sum : sum;
    if (starts[end] < 0 || sum > best[end]) {
      best[end] = sum;
      starts[end] = at;
      values[end] = value;
    }
  }
}
