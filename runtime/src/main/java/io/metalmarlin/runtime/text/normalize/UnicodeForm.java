package io.metalmarlin.runtime.text.normalize;

import java.text.Normalizer;

/// One of Unicode's four normalization forms (UAX #15).
record UnicodeForm(Normalizer.Form form) implements TextNormalizer {
  @Override
  public String apply(String text, boolean first) {
    return Normalizer.normalize(text, form);
  }
}
