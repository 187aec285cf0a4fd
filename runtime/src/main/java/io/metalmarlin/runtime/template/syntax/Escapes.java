package io.metalmarlin.runtime.template.syntax;

import io.metalmarlin.runtime.template.value.TemplateFault;

/// Escape sequences of string literals, as Python reads them.
final class Escapes {
  private Escapes() {}

  /// @param at where the string stands, for errors
  static String resolve(String raw, int at) {
    if (raw.indexOf('\\') < 0) {
      return raw;
    }
    StringBuilder out = new StringBuilder(raw.length());
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c != '\\') {
        out.append(c);
        continue;
      }
      char e = raw.charAt(++i);
      switch (e) {
        case '\n' -> {}
        case '\\', '\'', '"' -> out.append(e);
        case 'n' -> out.append('\n');
        case 't' -> out.append('\t');
        case 'r' -> out.append('\r');
        case 'b' -> out.append('\b');
        case 'f' -> out.append('\f');
        case 'a' -> out.append('\u0007');
        case 'v' -> out.append('\u000b');
        case 'N' -> i = named(raw, i, out, at);
        case 'x' -> i = hex(raw, i, 2, out, at);
        case 'u' -> i = hex(raw, i, 4, out, at);
        case 'U' -> i = hex(raw, i, 8, out, at);
        case '0', '1', '2', '3', '4', '5', '6', '7' -> i = octal(raw, i, out);
        default -> out.append('\\').append(e);
      }
    }
    return out.toString();
  }

  private static int hex(String raw, int i, int digits, StringBuilder out, int at) {
    int end = i + 1 + digits;
    int code = 0;
    for (int j = i + 1; j < end; j++) {
      int d = j < raw.length() ? Character.digit(raw.charAt(j), 16) : -1;
      if (d < 0 || code > Character.MAX_CODE_POINT >> 4) {
        throw new TemplateFault("the escape '\\" + raw.charAt(i) + "' needs " + digits + " digits")
            .at(at);
      }
      code = code * 16 + d;
    }
    if (!Character.isValidCodePoint(code)) {
      throw new TemplateFault("there is no character " + Integer.toHexString(code)).at(at);
    }
    out.appendCodePoint(code);
    return end - 1;
  }

  private static int named(String raw, int i, StringBuilder out, int at) {
    int end = raw.startsWith("{", i + 1) ? raw.indexOf('}', i) : -1;
    if (end < 0) {
      throw new TemplateFault("the escape '\\N' needs a character's name in braces").at(at);
    }
    String name = raw.substring(i + 2, end);
    try {
      out.appendCodePoint(Character.codePointOf(name));
    } catch (IllegalArgumentException e) {
      throw new TemplateFault("there is no character '" + name + "'").at(at);
    }
    return end;
  }

  private static int octal(String raw, int i, StringBuilder out) {
    int code = 0;
    int j = i;
    while (j < raw.length() && j < i + 3 && raw.charAt(j) >= '0' && raw.charAt(j) <= '7') {
      code = code * 8 + raw.charAt(j++) - '0';
    }
    out.append((char) code);
    return j - 1;
  }
}
