package io.metalmarlin.runtime.text.regex;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.util.regex.Pattern;

/// A text that counts how often a pattern looks at it, so that one that backtracks without end is
/// stopped: after [#STEPS_PER_CHARACTER] looks for each character, which is seconds for a text of a
/// million. The patterns in use need about ten. A text may come in many small parts, so that the
/// least is not much.
final class StepBudget implements CharSequence {
  private static final long STEPS_PER_CHARACTER = 200;
  private static final long STEPS_AT_LEAST = 20_000;

  private final String text;
  private final Pattern pattern;
  private long left;

  StepBudget(String text, int length, Pattern pattern) {
    this.text = text;
    this.left = STEPS_AT_LEAST + STEPS_PER_CHARACTER * length;
    this.pattern = pattern;
  }

  @Override
  public char charAt(int index) {
    if (--left < 0) {
      throw endless(pattern);
    }
    return text.charAt(index);
  }

  /// What is thrown for a pattern that is stopped.
  static MarlinException endless(Pattern pattern) {
    return new MarlinException(
        ErrorCode.TOKENIZER_MALFORMED,
        "tokenizer",
        "the pattern %s does not come to an end on this text".formatted(pattern),
        "The pattern backtracks without bound; use the publisher's tokenizer.json.");
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
