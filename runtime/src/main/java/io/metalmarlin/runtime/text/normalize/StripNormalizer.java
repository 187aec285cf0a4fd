package io.metalmarlin.runtime.text.normalize;

import io.metalmarlin.runtime.text.spec.Spec;
import io.metalmarlin.runtime.text.unicode.Characters;

/// Takes the white space off the ends.
record StripNormalizer(boolean left, boolean right) implements TextNormalizer {
  static StripNormalizer of(Spec spec) {
    return new StripNormalizer(spec.flag("strip_left", true), spec.flag("strip_right", true));
  }

  @Override
  public String apply(String text, boolean first) {
    int start = 0;
    int end = text.length();
    while (left && start < end && Characters.isSpace(text.charAt(start))) {
      start++;
    }
    while (right && end > start && Characters.isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }
}
