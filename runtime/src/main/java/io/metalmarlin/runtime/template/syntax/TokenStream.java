package io.metalmarlin.runtime.template.syntax;

import io.metalmarlin.runtime.template.value.TemplateFault;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The tokens of a template with a position, and the depth the parser has reached.
final class TokenStream {
  /// Brackets in brackets and blocks in blocks.
  private static final int NESTING = 100;

  private static final Set<String> SPECIALS = Set.of("varargs", "kwargs", "caller");

  private final List<Token> tokens;
  private int position;
  private int depth;
  private Set<String> specials = new HashSet<>();

  TokenStream(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token peek() {
    return tokens.get(position);
  }

  Token peekSecond() {
    return tokens.get(Math.min(position + 1, tokens.size() - 1));
  }

  Token next() {
    Token t = peek();
    if (position < tokens.size() - 1) {
      position++;
    }
    return t;
  }

  boolean at(Token.Kind kind) {
    return peek().kind() == kind;
  }

  boolean atOp(String op) {
    return peek().op(op);
  }

  boolean atName(String name) {
    return peek().name(name);
  }

  boolean skipOp(String op) {
    boolean here = atOp(op);
    if (here) {
      next();
    }
    return here;
  }

  boolean skipName(String name) {
    boolean here = atName(name);
    if (here) {
      next();
    }
    return here;
  }

  Token expect(Token.Kind kind) {
    if (!at(kind)) {
      throw fault("expected " + kind.shown() + ", got " + peek().shown());
    }
    return next();
  }

  void expectOp(String op) {
    if (!skipOp(op)) {
      throw fault("expected '" + op + "', got " + peek().shown());
    }
  }

  void expectName(String name) {
    if (!skipName(name)) {
      throw fault("expected '" + name + "', got " + peek().shown());
    }
  }

  TemplateFault fault(String message) {
    return new TemplateFault(message).at(peek().at());
  }

  /// Notes a variable that a macro may be given without naming it.
  void note(String name) {
    if (SPECIALS.contains(name)) {
      specials.add(name);
    }
  }

  /// Begins a list of [#note]d names and returns the one so far.
  Set<String> swap(Set<String> fresh) {
    Set<String> noted = specials;
    specials = fresh;
    return noted;
  }

  void enter() {
    if (++depth > NESTING) {
      throw fault("nested deeper than " + NESTING);
    }
  }

  void leave() {
    depth--;
  }
}
