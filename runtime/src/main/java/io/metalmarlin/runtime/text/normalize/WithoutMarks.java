package io.metalmarlin.runtime.text.normalize;

import java.util.function.IntPredicate;

/// Leaves out the code points of a class. What they were combined with stays combined: a form that
/// takes letters and marks apart has to come first.
record WithoutMarks(IntPredicate marks) implements TextNormalizer {
  @Override
  public String apply(String text, boolean first) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints().filter(marks.negate()).forEach(out::appendCodePoint);
    return out.toString();
  }
}
