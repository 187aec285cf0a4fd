package io.metalmarlin.runtime.text.normalize;

import io.metalmarlin.runtime.text.spec.Spec;
import io.metalmarlin.runtime.text.unicode.Characters;
import java.text.Normalizer;

/// BERT's cleaning: control characters go, white space becomes spaces, Chinese characters get
/// spaces around them, accents and upper case go.
record BertNormalizer(boolean clean, boolean chinese, boolean stripAccents, boolean lowercase)
    implements TextNormalizer {
  private static final UnicodeForm APART = new UnicodeForm(Normalizer.Form.NFD);
  private static final WithoutMarks ACCENTS = new WithoutMarks(Characters::isAccent);

  static BertNormalizer of(Spec spec) {
    boolean lowercase = spec.flag("lowercase", true);
    return new BertNormalizer(
        spec.flag("clean_text", true),
        spec.flag("handle_chinese_chars", true),
        spec.flag("strip_accents", lowercase),
        lowercase);
  }

  @Override
  public String apply(String text, boolean first) {
    String now = clean ? cleaned(text) : text;
    now = chinese ? spaced(now) : now;
    now = stripAccents ? ACCENTS.apply(APART.apply(now, first), first) : now;
    return lowercase ? Characters.lower(now) : now;
  }

  private static String cleaned(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> {
          if (c == '\t' || c == '\n' || c == '\r') {
            out.append(' ');
          } else if (c != 0xFFFD && !Characters.isControl(c)) {
            out.appendCodePoint(Characters.isSpace(c) ? ' ' : c);
          }
        });
    return out.toString();
  }

  private static String spaced(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> {
          if (isChinese(c)) {
            out.append(' ').appendCodePoint(c).append(' ');
          } else {
            out.appendCodePoint(c);
          }
        });
    return out.toString();
  }

  private static boolean isChinese(int c) {
    return c >= 0x4E00 && c <= 0x9FFF
        || c >= 0x3400 && c <= 0x4DBF
        || c >= 0x20000 && c <= 0x2A6DF
        || c >= 0x2A700 && c <= 0x2B73F
        || c >= 0x2B740 && c <= 0x2B81F
        || c >= 0x2B920 && c <= 0x2CEAF
        || c >= 0xF900 && c <= 0xFAFF
        || c >= 0x2F800 && c <= 0x2FA1F;
  }
}
