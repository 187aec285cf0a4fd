package io.metalmarlin.runtime.text.regex;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A position in a regular expression that is being translated.
final class RegexReader {
  private static final Pattern INTERVAL = Pattern.compile("\\{(\\d{1,4})?(,)?(\\d{1,4})?\\}");

  private final String regex;
  private int at;

  RegexReader(String regex) {
    this.regex = regex;
  }

  boolean atEnd() {
    return at == regex.length();
  }

  /// The next code point, which stays; -1 at the end.
  int peek() {
    return atEnd() ? -1 : regex.codePointAt(at);
  }

  /// The next code point, which is taken.
  int next() {
    if (atEnd()) {
      throw new RegexTranslator.Refused("the pattern ends in the middle of a construct");
    }
    int c = regex.codePointAt(at);
    at += Character.charCount(c);
    return c;
  }

  /// Takes the string if it comes next.
  boolean accept(String expected) {
    boolean here = regex.startsWith(expected, at);
    at += here ? expected.length() : 0;
    return here;
  }

  /// Takes `{n}`, `{n,}`, `{,m}` or `{n,m}` if it comes next: n, comma, m are groups 1 to 3.
  @Nullable Matcher acceptInterval() {
    Matcher interval = INTERVAL.matcher(regex).region(at, regex.length());
    if (!interval.lookingAt()) {
      return null;
    }
    at = interval.end();
    return interval;
  }

  /// Takes exactly `length` characters.
  String take(int length) {
    if (at + length > regex.length()) {
      throw new RegexTranslator.Refused("the pattern ends in the middle of a construct");
    }
    at += length;
    return regex.substring(at - length, at);
  }

  /// Takes everything up to and including a character and returns it without that.
  String until(char end) {
    int found = regex.indexOf(end, at);
    if (found < 0) {
      throw new RegexTranslator.Refused("a missing " + end);
    }
    String taken = regex.substring(at, found);
    at = found + 1;
    return taken;
  }

  /// At most `length` characters from here on, for messages.
  String rest(int length) {
    return regex.substring(at, Math.min(regex.length(), at + length));
  }
}
