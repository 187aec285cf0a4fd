package io.metalmarlin.runtime.text.regex;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/// Translates the regular expressions of `tokenizer.json` to `java.util.regex`.
///
/// The reference runs them in Oniguruma with Ruby syntax on Unicode; the same characters mean other
/// things in Java (`\h`, `.`, `\s`, case-insensitive letters), so every construct is parsed and
/// written anew, and what has no safe equal is refused by name. Four things are changed on purpose:
/// - `\s \d \w` are the Unicode classes White_Space, Nd and word characters;
/// - under `(?i:` each ASCII letter becomes the class of its case variants (`s` also U+017F, `k`
///   also U+212A), because Java's own folding adds dotless and dotted i;
/// - `x{n,}` becomes `x{n}x*`, because Java recurses for the first form;
/// - a pattern that looks behind ends in an alternative that never matches, with a character beyond
///   U+FFFF: only where it sees one does Java look behind by code points.
///
/// Unbounded repetition is allowed on single characters and classes, and on groups of a fixed
/// number of those, which Java runs as a loop. On other groups it needs stack for every turn, so
/// what a match can go through, turns within turns counted, is bounded.
public final class RegexTranslator {
  /// A pattern this class does not translate; the message says which construct.
  public static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refused(String message) {
      super(message);
    }
  }

  private enum Atom {
    CHARACTER,
    GROUP,
    LOOK
  }

  private static final int MAX_LENGTH = 20_000;
  static final int MAX_DEPTH = 32;
  private static final int MAX_REPEAT = 1_000;

  /// Atoms that one match can go through; each takes up to 200 bytes of the stack.
  private static final long MAX_ATOMS = 4_000;

  private final RegexReader in;
  private final StringBuilder out = new StringBuilder();

  /// Atoms within the group or look-around that was read last.
  private long inner;

  private boolean looksBehind;

  /// Whether that group is a fixed number of characters in a row.
  private boolean fixed;

  /// Whether the quantifier that was read last has one number of turns.
  private boolean exact;

  private RegexTranslator(String regex) {
    in = new RegexReader(regex);
  }

  /// @throws Refused if it cannot be translated exactly
  public static Pattern compile(String regex) {
    if (regex.length() > MAX_LENGTH) {
      throw new Refused("longer than " + MAX_LENGTH + " characters");
    }
    RegexTranslator translator = new RegexTranslator(regex);
    boolean ignoreCase = translator.in.accept("(?i)");
    translator.checked(translator.alternatives(ignoreCase, 0));
    if (!translator.in.atEnd()) {
      throw new Refused("a closing parenthesis too many");
    }
    if (translator.looksBehind) {
      translator.out.append("|(?!)\uD800\uDC00");
    }
    try {
      return Pattern.compile(translator.out.toString());
    } catch (PatternSyntaxException e) {
      // A look-behind without an end that Java can see.
      throw new Refused(e.getDescription());
    }
  }

  private long checked(long atoms) {
    if (atoms > MAX_ATOMS) {
      throw new Refused("groups repeated to more than %,d atoms".formatted(MAX_ATOMS));
    }
    return atoms;
  }

  /// @return atoms that a match of the longest alternative goes through
  private long alternatives(boolean ignoreCase, int depth) {
    if (depth > MAX_DEPTH) {
      throw new Refused("groups nested deeper than " + MAX_DEPTH);
    }
    int previous = -1;
    boolean plain = true;
    long longest = 0;
    long atoms = 1;
    while (!in.atEnd() && in.peek() != ')') {
      int c = in.next();
      int start = out.length();
      int letter = ignoreCase && isAsciiLetter(c) ? Character.toLowerCase(c) : -1;
      if (foldsTogether(previous, letter)) {
        throw new Refused("case-insensitive \"%c%c\"".formatted(previous, letter));
      }
      previous = letter;
      if (c == '|') {
        out.append('|');
        longest = Math.max(longest, atoms);
        atoms = 1;
        plain = false;
      } else {
        Atom atom = atom(c, ignoreCase, depth);
        long within = atom == Atom.CHARACTER ? 1 : inner;
        atoms = checked(atoms + within * quantifier(atom, start));
        plain &= atom == Atom.CHARACTER && exact;
      }
    }
    fixed = plain && atoms > 1;
    return Math.max(longest, atoms);
  }

  private Atom atom(int c, boolean ignoreCase, int depth) {
    switch (c) {
      case '(' -> {
        return group(ignoreCase, depth);
      }
      case '[' -> out.append(new RegexClassTranslator(in, ignoreCase).brackets(depth));
      case '\\' -> {
        if (in.accept("b")) {
          boundary(true);
          return Atom.LOOK;
        }
        if (in.accept("B")) {
          boundary(false);
          return Atom.LOOK;
        }
        out.append(new RegexClassTranslator(in, ignoreCase).escape());
      }
      case '.' -> out.append("[^\\n]");
      case '^' -> throw new Refused("line anchor ^");
      case '$' -> {
        // The end of a line, whatever the mode: only a line feed ends one.
        out.append("(?=\\n|\\z)");
        inner = 2;
        return Atom.LOOK;
      }
      case '*', '+', '?' -> throw new Refused("nothing before the quantifier " + (char) c);
      default -> out.append(RegexClassTranslator.literal(c, ignoreCase));
    }
    return Atom.CHARACTER;
  }

  /// Between a word character and another one or an end, or anywhere else.
  private void boundary(boolean changes) {
    String word = RegexClassTranslator.WORD_CHARACTER;
    out.append(
        "(?:(?<=%1$s)(?%2$s%1$s)|(?<!%1$s)(?%3$s%1$s))"
            .formatted(word, changes ? "!" : "=", changes ? "=" : "!"));
    looksBehind = true;
    inner = 4;
  }

  private Atom group(boolean ignoreCase, int depth) {
    Atom atom = Atom.GROUP;
    boolean folded = ignoreCase;
    if (in.accept("?:")) {
      out.append("(?:");
    } else if (in.accept("?i:")) {
      out.append("(?:");
      folded = true;
    } else if (in.accept("?-i:")) {
      out.append("(?:");
      folded = false;
    } else if (in.accept("?>")) {
      out.append("(?>");
    } else if (in.peek() == '?') {
      out.append('(').append(look());
      atom = Atom.LOOK;
    } else {
      out.append("(?:");
    }
    long atoms = alternatives(folded, depth + 1);
    if (in.atEnd()) {
      throw new Refused("a parenthesis is not closed");
    }
    in.next();
    out.append(')');
    inner = atoms;
    return atom;
  }

  private String look() {
    for (String kind : List.of("?=", "?!", "?<=", "?<!")) {
      if (in.accept(kind)) {
        looksBehind |= kind.startsWith("?<");
        return kind;
      }
    }
    throw new Refused("group (" + in.rest(3));
  }

  /// @return how often the atom is gone through; 1 for a character, which takes no stack by turns
  private long quantifier(Atom atom, int start) {
    long turns = 1;
    exact = false;
    int mark = in.peek();
    if (mark == '*' || mark == '+' || mark == '?') {
      in.next();
      check(atom, mark != '?');
      out.append((char) mark);
      if (in.peek() == '?' || in.peek() == '+') {
        out.append((char) in.next());
      }
    } else {
      Matcher interval = in.acceptInterval();
      if (interval == null) {
        exact = true;
        return turns;
      }
      exact = interval.group(2) == null;
      int most = interval(atom, interval, out.substring(start));
      turns = atom == Atom.CHARACTER ? 1 : most;
    }
    int after = in.peek();
    if (after == '*' || after == '+' || after == '?' || in.acceptInterval() != null) {
      throw new Refused("a quantifier on a quantifier");
    }
    return turns;
  }

  private int interval(Atom atom, Matcher interval, String repeated) {
    int from = number(interval.group(1));
    int to = number(interval.group(3));
    boolean range = interval.group(2) != null;
    boolean open = range && interval.group(3) == null;
    if (interval.group(1) == null && interval.group(3) == null) {
      throw new Refused("an interval without a number");
    }
    if (Math.max(from, to) > MAX_REPEAT) {
      throw new Refused("a repetition above " + MAX_REPEAT);
    }
    check(atom, open);
    out.append('{').append(from).append(range && !open ? "," + to + "}" : "}");
    if (open) {
      out.append(repeated).append('*');
    }
    if (range && in.accept("?")) {
      out.append('?');
    }
    return Math.max(from, to);
  }

  private static int number(@Nullable String digits) {
    return digits == null ? 0 : Integer.parseInt(digits);
  }

  private void check(Atom atom, boolean unbounded) {
    if (atom == Atom.LOOK) {
      throw new Refused("a quantifier on a look-around");
    }
    if (atom == Atom.GROUP && unbounded && !fixed) {
      throw new Refused("unbounded repetition of a group");
    }
  }

  private static boolean isAsciiLetter(int c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
  }

  /// Pairs of letters that Unicode folds with one character (ß, ﬀ, ﬁ, ﬂ, ﬆ).
  private static boolean foldsTogether(int first, int second) {
    return first == 's' && (second == 's' || second == 't')
        || first == 'f' && (second == 'f' || second == 'i' || second == 'l');
  }
}
