package io.metalmarlin.quant.plan;

import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A scheme with its group in one word, `W4A16-G64` or `W8A16-channel`, as output folders are
/// named.
///
/// @param groupSize as in [Recipe]; empty where the word says nothing
record SchemeName(String name, OptionalInt groupSize) {
  private static final Pattern GROUP = Pattern.compile("(.+)-(?:[gG](\\d{1,6})|(?i:channel))");

  static SchemeName parse(String text) {
    Matcher m = GROUP.matcher(text);
    if (!m.matches()) {
      return new SchemeName(text, OptionalInt.empty());
    }
    int size = m.group(2) == null ? Recipe.CHANNEL : Integer.parseInt(m.group(2));
    return new SchemeName(m.group(1), OptionalInt.of(size));
  }

  /// @param groupSize 0 where the scheme fixes it
  static String text(String name, int groupSize) {
    return switch (groupSize) {
      case 0 -> name;
      case Recipe.CHANNEL -> name + "-channel";
      default -> name + "-G" + groupSize;
    };
  }
}
