package io.metalmarlin.runtime.text.normalize;

import io.metalmarlin.runtime.text.unicode.Characters;
import java.text.Normalizer;

/// One of Unicode's four normalization forms (UAX #15) as the `tokenizers` library knows it: what
/// younger versions of Unicode take apart stays whole.
record UnicodeForm(Normalizer.Form form) implements TextNormalizer {
  @Override
  public String apply(String text, boolean first) {
    int whole = nextWhole(text, 0);
    if (whole == text.length()) {
      return Normalizer.normalize(text, form);
    }
    StringBuilder out = new StringBuilder(text.length());
    int done = 0;
    while (whole < text.length()) {
      out.append(Normalizer.normalize(text.substring(done, whole), form));
      done = whole + Character.charCount(text.codePointAt(whole));
      out.append(text, whole, done);
      whole = nextWhole(text, done);
    }
    return out.append(Normalizer.normalize(text.substring(done), form)).toString();
  }

  private int nextWhole(String text, int from) {
    int at = from;
    while (at < text.length() && !Characters.staysWhole(text.codePointAt(at), form)) {
      at += Character.charCount(text.codePointAt(at));
    }
    return at;
  }
}
