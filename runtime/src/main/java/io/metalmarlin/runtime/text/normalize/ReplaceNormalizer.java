package io.metalmarlin.runtime.text.normalize;

import io.metalmarlin.runtime.text.regex.TextPattern;
import io.metalmarlin.runtime.text.spec.Spec;

/// Puts one text in the place of every match.
record ReplaceNormalizer(TextPattern pattern, String content) implements TextNormalizer {
  static ReplaceNormalizer of(Spec spec) {
    return new ReplaceNormalizer(TextPattern.of(spec), spec.text("content"));
  }

  @Override
  public String apply(String text, boolean first) {
    return pattern.replace(text, content);
  }
}
