package io.metalmarlin.runtime.text;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The `Split` pre-tokenizer: what the pattern matches and what lies between become pieces.
///
/// Matching is bounded: a pattern that backtracks more than [#STEPS_PER_CHARACTER] steps for each
/// character of the text is stopped with an error. The patterns in use need about ten.
///
/// @param pattern from [RegexTranslator], so that it needs no deep recursion
/// @param keepMatches whether matches are pieces
/// @param keepGaps whether the text between matches is
record RegexSplitter(Pattern pattern, boolean keepMatches, boolean keepGaps) implements Splitter {
  private static final long STEPS_PER_CHARACTER = 2_000;
  private static final long STEPS_AT_LEAST = 1_000_000;

  @Override
  public void split(String text, int start, int end, Sink out) {
    Budget budget = new Budget(text, STEPS_AT_LEAST + STEPS_PER_CHARACTER * (end - start), pattern);
    Matcher matcher = pattern.matcher(budget).region(start, end);
    int done = start;
    while (matcher.find()) {
      piece(keepGaps, text, done, matcher.start(), out);
      piece(keepMatches, text, matcher.start(), matcher.end(), out);
      done = matcher.end();
    }
    piece(keepGaps, text, done, end, out);
  }

  private static void piece(boolean keep, String text, int start, int end, Sink out) {
    if (keep && start < end) {
      out.piece(text, start, end);
    }
  }

  /// The text, counting how often it is looked at.
  private static final class Budget implements CharSequence {
    private final String text;
    private final Pattern pattern;
    private long left;

    Budget(String text, long steps, Pattern pattern) {
      this.text = text;
      this.left = steps;
      this.pattern = pattern;
    }

    @Override
    public char charAt(int index) {
      if (--left < 0) {
        throw new MarlinException(
            ErrorCode.TOKENIZER_MALFORMED,
            "pre_tokenizer",
            "the pattern %s does not come to an end on this text".formatted(pattern),
            "The pattern backtracks without bound; use the publisher's tokenizer.json.");
      }
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.subSequence(start, end);
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
