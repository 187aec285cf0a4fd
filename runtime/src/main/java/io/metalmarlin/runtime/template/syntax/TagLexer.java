package io.metalmarlin.runtime.template.syntax;

import io.metalmarlin.runtime.template.value.Chars;
import io.metalmarlin.runtime.template.value.TemplateFault;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Cuts the inside of one tag into names, numbers, strings and operators.
final class TagLexer {
  // Repetitions of groups are possessive: Java recurses for each turn of one that may give back.
  private static final String DIGITS = "\\d++(?:_\\d++)*+";
  private static final Pattern FLOAT =
      Pattern.compile(
          "(?<!\\.)"
              + DIGITS
              + "(?:(?:\\."
              + DIGITS
              + ")?[eE][+-]?"
              + DIGITS
              + "|\\."
              + DIGITS
              + ")");
  private static final Pattern INTEGER =
      Pattern.compile(
          "0[bB](?:_?[01])++|0[oO](?:_?[0-7])++|0[xX](?:_?[0-9a-fA-F])++|[1-9](?:_?\\d)*+|0(?:_?0)*+");
  private static final Pattern NAME =
      Pattern.compile("[\\w\\p{L}\\p{M}\\p{N}]+", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern OPERATOR =
      Pattern.compile("//|\\*\\*|==|!=|>=|<=|[-+/*%~\\[\\](){}<>=.:|,;]");
  private static final Pattern BLOCK_END =
      Pattern.compile("\\+%\\}|-%\\}" + Chars.SPACE + "*|%\\}\\n?");
  private static final Pattern PRINT_END = Pattern.compile("-\\}\\}" + Chars.SPACE + "*|\\}\\}");

  private final String source;
  private final boolean block;
  private final List<Token> tokens;
  private final Deque<String> open = new ArrayDeque<>();
  private int at;

  TagLexer(String source, int at, boolean block, List<Token> tokens) {
    this.source = source;
    this.at = at;
    this.block = block;
    this.tokens = tokens;
  }

  /// Adds the tokens up to the tag's end, and the end itself.
  ///
  /// @return the offset behind the tag
  int run() {
    int begin = at;
    Pattern end = block ? BLOCK_END : PRINT_END;
    while (true) {
      while (at < source.length() && Chars.space(source.charAt(at))) {
        at++;
      }
      if (at == source.length()) {
        throw new TemplateFault("the tag has no end").at(begin);
      }
      Matcher m = at(end);
      if (open.isEmpty() && m.lookingAt()) {
        tokens.add(new Token(block ? Token.Kind.BLOCK_END : Token.Kind.PRINT_END, "", at));
        return m.end();
      }
      char c = source.charAt(at);
      if (c == '\'' || c == '"') {
        string(c);
      } else if (!take(FLOAT, Token.Kind.FLOAT)
          && !take(INTEGER, Token.Kind.INTEGER)
          && !take(NAME, Token.Kind.NAME)) {
        operator();
      }
    }
  }

  private Matcher at(Pattern p) {
    return p.matcher(source).region(at, source.length()).useTransparentBounds(true);
  }

  private boolean take(Pattern p, Token.Kind kind) {
    Matcher m = at(p);
    if (!m.lookingAt()) {
      return false;
    }
    if (kind == Token.Kind.NAME && !identifier(m.group())) {
      throw new TemplateFault("'" + m.group() + "' is no name").at(at);
    }
    tokens.add(new Token(kind, m.group(), at));
    at = m.end();
    return true;
  }

  private static boolean identifier(String name) {
    return (Character.isUnicodeIdentifierStart(name.codePointAt(0)) || name.charAt(0) == '_')
        && name.codePoints().allMatch(c -> c == '_' || Character.isUnicodeIdentifierPart(c));
  }

  private void operator() {
    Matcher m = at(OPERATOR);
    if (!m.lookingAt()) {
      throw new TemplateFault(
              "unexpected character '" + Character.toString(source.codePointAt(at)) + "'")
          .at(at);
    }
    String op = m.group();
    switch (op) {
      case "(" -> open.push(")");
      case "[" -> open.push("]");
      case "{" -> open.push("}");
      case ")", "]", "}" -> {
        if (open.isEmpty() || !open.pop().equals(op)) {
          throw new TemplateFault("'" + op + "' closes nothing").at(at);
        }
      }
      default -> {}
    }
    tokens.add(new Token(Token.Kind.OPERATOR, op, at));
    at = m.end();
  }

  private void string(char quote) {
    int begin = at;
    int i = at + 1;
    while (i < source.length() && source.charAt(i) != quote) {
      i += source.charAt(i) == '\\' ? 2 : 1;
    }
    if (i >= source.length()) {
      throw new TemplateFault("the string has no end").at(begin);
    }
    String text = Escapes.resolve(source.substring(begin + 1, i), begin);
    tokens.add(new Token(Token.Kind.STRING, text, begin));
    at = i + 1;
  }
}
