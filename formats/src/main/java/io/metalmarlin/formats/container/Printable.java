package io.metalmarlin.formats.container;

import org.jspecify.annotations.Nullable;

/// Text from files that nobody vouches for, made fit for a message.
public final class Printable {
  private static final int LONGEST = 200;

  private Printable() {}

  /// A name from a hostile file as one short line; nothing for null.
  public static String of(@Nullable String text) {
    if (text == null) {
      return "";
    }
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .limit(LONGEST)
        .forEach(c -> {
          if (Character.isISOControl(c)
              || !Character.isDefined(c)
              || c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
            out.append(String.format("\\u%04x", c));
          } else {
            out.appendCodePoint(c);
          }
        });
    return text.length() > LONGEST ? out + "..." : out.toString();
  }
}
