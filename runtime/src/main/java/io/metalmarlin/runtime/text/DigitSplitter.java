package io.metalmarlin.runtime.text;

/// The `Digits` pre-tokenizer: numeric characters (Unicode categories Nd, Nl, No) apart from the
/// rest, in runs or one by one. Unicode 16 as in this Java: digits that 17 added (Tolong Siki) are
/// none here.
record DigitSplitter(boolean individual) implements Splitter {
  @Override
  public void split(String text, int start, int end, Sink out) {
    int from = start;
    boolean digits = false;
    int width;
    for (int at = start; at < end; at += width) {
      int c = text.codePointAt(at);
      width = Character.charCount(c);
      boolean digit = isNumeric(c);
      if (at > from && (digit != digits || digit && individual)) {
        out.piece(text, from, at);
        from = at;
      }
      digits = digit;
    }
    out.piece(text, from, end);
  }

  private static boolean isNumeric(int c) {
    int type = Character.getType(c);
    return type == Character.DECIMAL_DIGIT_NUMBER
        || type == Character.LETTER_NUMBER
        || type == Character.OTHER_NUMBER;
  }
}
