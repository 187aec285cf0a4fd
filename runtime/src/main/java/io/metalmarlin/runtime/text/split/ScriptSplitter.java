package io.metalmarlin.runtime.text.split;

import io.metalmarlin.runtime.text.unicode.Characters;
import java.lang.Character.UnicodeScript;
import org.jspecify.annotations.Nullable;

/// The `UnicodeScripts` pre-tokenizer: a new piece where the script changes. Kana count as Han, a
/// space belongs to any script, and spaces before the first other character are dropped.
record ScriptSplitter() implements Splitter {
  private static final int LONG_VOWEL = 0x30FC;

  /// They belonged to no script when the reference's table was made.
  private static final int ARMENIAN_FULL_STOP = 0x589;

  private static final int ARABIC_LETTER_MARK = 0x61C;

  @Override
  public void split(String text, int start, int end, boolean first, Sink out) {
    int from = -1;
    UnicodeScript last = null;
    int width;
    for (int at = start; at < end; at += width) {
      int c = text.codePointAt(at);
      width = Character.charCount(c);
      UnicodeScript script = script(c);
      if (script == null) {
        continue;
      }
      if (script != last) {
        if (from >= 0) {
          out.piece(text, from, at, first && from == start);
        }
        from = at;
      }
      last = script;
    }
    if (from >= 0) {
      out.piece(text, from, end, first && from == start);
    }
  }

  /// Null for what belongs to any script.
  private static @Nullable UnicodeScript script(int c) {
    if (c == LONG_VOWEL) {
      return UnicodeScript.HAN;
    }
    if (c == ARMENIAN_FULL_STOP || c == ARABIC_LETTER_MARK) {
      return UnicodeScript.COMMON;
    }
    if (c == ' ' || !Characters.hasScript(c)) {
      return null;
    }
    UnicodeScript script = UnicodeScript.of(c);
    return switch (script) {
      case HIRAGANA, KATAKANA -> UnicodeScript.HAN;
      default -> script;
    };
  }
}
