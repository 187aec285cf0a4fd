package io.metalmarlin.runtime.template.syntax;

import io.metalmarlin.runtime.template.value.Chars;
import io.metalmarlin.runtime.template.value.TemplateFault;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Cuts a template into text and tags: what stands between `{%`, `{{` or `{#` and its end, with the
/// white space around tags removed as Jinja does with `trim_blocks` (the line end behind a block or
/// comment) and `lstrip_blocks` (the blanks before one that starts its line). `-` removes all white
/// space on its side, `+` none.
final class Lexer {
  private static final Pattern RAW_BEGIN =
      Pattern.compile("\\{%([-+]?)\\s*raw\\s*(-%\\}" + Chars.SPACE + "*|%\\})");
  private static final Pattern RAW_END =
      Pattern.compile("\\{%([-+]?)\\s*endraw\\s*(\\+%\\}|-%\\}" + Chars.SPACE + "*|%\\}\\n?)");
  private static final Pattern COMMENT_END =
      Pattern.compile("\\+#\\}|-#\\}" + Chars.SPACE + "*|#\\}\\n?");

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  // Whether what came before ended a line, so that blanks here are the start of one.
  private boolean lineStart = true;

  private Lexer(String source) {
    this.source = source;
  }

  /// One kind of line end, and no line end at the end of the template.
  static String normalize(String source) {
    String s = source.replace("\r\n", "\n").replace('\r', '\n');
    return s.endsWith("\n") ? s.substring(0, s.length() - 1) : s;
  }

  /// @param source normalized
  /// @throws TemplateFault for what is no template
  static List<Token> tokens(String source) {
    Lexer lexer = new Lexer(source);
    lexer.run();
    return lexer.tokens;
  }

  private void run() {
    while (at < source.length()) {
      int tag = nextTag();
      if (tag < 0) {
        data(source.substring(at), at);
        at = source.length();
        break;
      }
      char kind = source.charAt(tag + 1);
      Matcher raw = RAW_BEGIN.matcher(source).region(tag, source.length());
      if (kind == '%' && raw.lookingAt()) {
        before(tag, sign(tag + 2), true);
        at = raw.end();
        lineStart = source.charAt(at - 1) == '\n';
        raw(tag);
      } else if (kind == '#') {
        before(tag, sign(tag + 2), true);
        comment(tag);
      } else {
        char sign = sign(tag + 2);
        before(tag, sign, kind == '%');
        boolean block = kind == '%';
        tokens.add(new Token(begin(block), source.substring(tag, tag + 2), tag));
        at = tag + (sign == 0 ? 2 : 3);
        TagLexer inside = new TagLexer(source, at, block, tokens);
        at = inside.run();
        lineStart = source.charAt(at - 1) == '\n';
      }
    }
    tokens.add(new Token(Token.Kind.END, "", source.length()));
  }

  private static Token.Kind begin(boolean block) {
    return block ? Token.Kind.BLOCK_BEGIN : Token.Kind.PRINT_BEGIN;
  }

  private int nextTag() {
    for (int i = source.indexOf('{', at); i >= 0; i = source.indexOf('{', i + 1)) {
      if (i + 1 < source.length() && "%{#".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  private char sign(int i) {
    char c = i < source.length() ? source.charAt(i) : 0;
    return c == '-' || c == '+' ? c : 0;
  }

  /// The text before a tag, without the white space that the tag removes.
  private void before(int tag, char sign, boolean stripsBlanks) {
    data(stripped(source.substring(at, tag), sign, stripsBlanks), at);
  }

  private String stripped(String text, char sign, boolean stripsBlanks) {
    if (sign == '-') {
      return Chars.stripTrailing(text);
    }
    if (sign == 0 && stripsBlanks) {
      int line = text.lastIndexOf('\n') + 1;
      if ((line > 0 || lineStart) && Chars.blank(text.substring(line))) {
        return text.substring(0, line);
      }
    }
    return text;
  }

  private void comment(int tag) {
    Matcher end = COMMENT_END.matcher(source);
    if (!end.find(tag + 2)) {
      throw new TemplateFault("the comment has no end").at(tag);
    }
    at = end.end();
    lineStart = source.charAt(at - 1) == '\n';
  }

  private void raw(int tag) {
    Matcher end = RAW_END.matcher(source);
    if (!end.find(at)) {
      throw new TemplateFault("'raw' has no 'endraw'").at(tag);
    }
    char sign = end.group(1).isEmpty() ? 0 : end.group(1).charAt(0);
    data(stripped(source.substring(at, end.start()), sign, true), at);
    at = end.end();
    lineStart = source.charAt(at - 1) == '\n';
  }

  private void data(String text, int offset) {
    if (!text.isEmpty()) {
      tokens.add(new Token(Token.Kind.DATA, text, offset));
    }
  }
}
