package io.metalmarlin.runtime.text.regex;

import io.metalmarlin.runtime.text.regex.RegexTranslator.Refused;
import java.lang.Character.UnicodeScript;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The part of [RegexTranslator] for what matches one character: literals, escapes, `[...]`.
final class RegexClassTranslator {
  private static final String SPACE = "{IsWhite_Space}";

  private static final String WORD = "\\p{IsAlphabetic}\\p{M}\\p{Nd}\\p{Pc}]";

  /// Outside brackets Oniguruma's `\w` also has six numbers of Latin-1: 2, 3, 1 raised and
  /// fractions.
  private static final String LATIN_NUMBERS = "\\xB2\\xB3\\xB9\\xBC-\\xBE";

  /// `\w` outside of classes.
  static final String WORD_CHARACTER = "[" + LATIN_NUMBERS + WORD;

  private static final String HEX = "0-9a-fA-F]";

  /// The general categories, but for those of unassigned code points, which change with Unicode.
  private static final Set<String> CATEGORIES =
      Set.of(
          ("L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk So Z Zs Zl Zp"
                  + " Cc Cf Co Cs")
              .split(" "));

  private final RegexReader in;
  private final boolean ignoreCase;

  /// @param in stands behind the opening `[` or backslash
  RegexClassTranslator(RegexReader in, boolean ignoreCase) {
    this.in = in;
    this.ignoreCase = ignoreCase;
  }

  /// A literal code point, with its case variants if those are asked for.
  static String literal(int c, boolean ignoreCase) {
    if (!ignoreCase) {
      return quoted(c);
    }
    String variants = variants(c);
    return variants.equals(quoted(c)) ? variants : "[" + variants + "]";
  }

  /// An escape outside a class.
  String escape() {
    int c = in.next();
    String set =
        switch (c) {
          case 'w' -> WORD_CHARACTER;
          case 'W' -> "[^" + LATIN_NUMBERS + WORD;
          default -> shorthand(c);
        };
    return set != null ? set : literal(codePoint(c), ignoreCase);
  }

  /// A bracketed class, to its `]`.
  String brackets(int depth) {
    if (depth > RegexTranslator.MAX_DEPTH) {
      throw new Refused("classes nested deeper than " + RegexTranslator.MAX_DEPTH);
    }
    String negation = in.accept("^") ? "^" : "";
    List<String> operands = new ArrayList<>();
    StringBuilder items = new StringBuilder();
    for (int c = in.next(); c != ']'; c = in.next()) {
      if (c == '&' && in.accept("&")) {
        operands.add(operand(items));
        items.setLength(0);
      } else {
        items.append(item(c, depth));
      }
    }
    if (operands.isEmpty()) {
      return "[" + negation + operand(items).substring(1);
    }
    operands.add(operand(items));
    return "[" + negation + String.join("&&", operands) + "]";
  }

  private static String operand(StringBuilder items) {
    if (items.isEmpty()) {
      throw new Refused("an empty class");
    }
    return "[" + items + "]";
  }

  private String item(int c, int depth) {
    int first = c;
    if (c == '[') {
      if (in.peek() == ':') {
        throw new Refused("POSIX class [" + in.rest(8));
      }
      return brackets(depth + 1);
    }
    if (c == '\\') {
      int escaped = in.next();
      String set = shorthand(escaped);
      if (set != null) {
        return set;
      }
      first = codePoint(escaped);
    }
    if (in.peek() != '-' || in.rest(2).equals("-]")) {
      return ignoreCase ? variants(first) : quoted(first);
    }
    in.next();
    int last = in.next();
    if (last == '[') {
      throw new Refused("a range that ends in a class");
    }
    return range(first, last == '\\' ? codePoint(in.next()) : last);
  }

  private String range(int first, int last) {
    if (first > last) {
      throw new Refused("range U+%04X-U+%04X".formatted(first, last));
    }
    if (!ignoreCase) {
      return quoted(first) + "-" + quoted(last);
    }
    if (last > 0x7F) {
      throw new Refused("a case-insensitive range beyond ASCII");
    }
    StringBuilder all = new StringBuilder();
    for (int c = first; c <= last; c++) {
      all.append(variants(c));
    }
    return all.toString();
  }

  /// The set of characters that `\c` stands for inside brackets, or null if it stands for one
  /// character.
  private @Nullable String shorthand(int c) {
    return switch (c) {
      case 's' -> "\\p" + SPACE;
      case 'S' -> "\\P" + SPACE;
      case 'd' -> "\\p{Nd}";
      case 'D' -> "\\P{Nd}";
      case 'w' -> "[" + WORD;
      case 'W' -> "[^" + WORD;
      case 'h' -> "[" + HEX;
      case 'H' -> "[^" + HEX;
      case 'p' -> property(false);
      case 'P' -> property(true);
      default -> null;
    };
  }

  private String property(boolean negated) {
    if (!in.accept("{")) {
      throw new Refused("\\p without braces");
    }
    boolean not = in.accept("^") != negated;
    String name = in.until('}');
    if (ignoreCase) {
      throw new Refused("case-insensitive property " + name);
    }
    return (not ? "\\P{" : "\\p{") + (CATEGORIES.contains(name) ? name : script(name)) + "}";
  }

  private static String script(String name) {
    try {
      return "Is" + UnicodeScript.forName(name);
    } catch (IllegalArgumentException e) {
      throw new Refused("property " + name);
    }
  }

  /// The one character that `\c` stands for.
  private int codePoint(int c) {
    return switch (c) {
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'f' -> '\f';
      case 'v' -> 0x0B;
      case 'a' -> 0x07;
      case 'e' -> 0x1B;
      case 'u' -> hex(in.take(4), Character.MAX_CODE_POINT);
      // Two digits are a byte, which is a character only in ASCII.
      case 'x' ->
          in.accept("{") ? hex(in.until('}'), Character.MAX_CODE_POINT) : hex(in.take(2), 0x7F);
      default -> {
        if (c < 0x80 && Character.isLetterOrDigit(c)) {
          throw new Refused("escape \\" + (char) c);
        }
        yield c;
      }
    };
  }

  private static int hex(String digits, int most) {
    if (!digits.matches("[0-9a-fA-F]{1,6}") || Integer.parseInt(digits, 16) > most) {
      throw new Refused("hexadecimal escape " + digits);
    }
    return Integer.parseInt(digits, 16);
  }

  /// The code point and all that fold with it, for use inside a class.
  private static String variants(int c) {
    if (c > 0x7F) {
      throw new Refused("case-insensitive U+%04X".formatted(c));
    }
    if (!Character.isLetter(c)) {
      return quoted(c);
    }
    String both = "" + (char) Character.toLowerCase(c) + (char) Character.toUpperCase(c);
    return switch (both) {
      case "sS" -> "sS\\x{17F}";
      case "kK" -> "kK\\x{212A}";
      default -> both;
    };
  }

  private static String quoted(int c) {
    return c < 0x80 && Character.isLetterOrDigit(c)
        ? String.valueOf((char) c)
        : "\\x{%X}".formatted(c);
  }
}
