package io.metalmarlin.runtime.template.syntax;

import io.metalmarlin.runtime.template.value.TemplateFault;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Parses what stands left of `=` and `in`, and the parameters of macros.
final class TargetParser {
  private final TokenStream tokens;
  private final ExpressionParser expressions;

  TargetParser(TokenStream tokens, ExpressionParser expressions) {
    this.tokens = tokens;
    this.expressions = expressions;
  }

  /// One target, or several with commas between them.
  ///
  /// @param fields whether `namespace.attribute` may stand here
  Target targets(boolean fields) {
    int at = tokens.peek().at();
    Target first = one(fields);
    if (!tokens.atOp(",")) {
      return first;
    }
    List<Target> all = new ArrayList<>(List.of(first));
    while (tokens.skipOp(",")) {
      if (tokens.atName("in")
          || tokens.atOp("=")
          || tokens.atOp(")")
          || tokens.at(Token.Kind.BLOCK_END)) {
        break;
      }
      all.add(one(fields));
    }
    return new Target.Several(List.copyOf(all), at);
  }

  private Target one(boolean fields) {
    Token t = tokens.peek();
    if (tokens.skipOp("(")) {
      tokens.enter();
      Target inner = targets(fields);
      tokens.expectOp(")");
      tokens.leave();
      return inner;
    }
    String name = name();
    if (fields && tokens.skipOp(".")) {
      return new Target.Field(name, tokens.expect(Token.Kind.NAME).text(), t.at());
    }
    return new Target.Variable(name, t.at());
  }

  /// A name that may be assigned to.
  String name() {
    Token t = tokens.expect(Token.Kind.NAME);
    if (PrimaryParser.constant(t.text()) != null) {
      throw new TemplateFault("'" + t.text() + "' cannot be assigned to").at(t.at());
    }
    return t.text();
  }

  Stmt.Signature signature() {
    tokens.expectOp("(");
    List<String> names = new ArrayList<>();
    List<Expr> defaults = new ArrayList<>();
    while (!tokens.atOp(")")) {
      if (!names.isEmpty()) {
        tokens.expectOp(",");
      }
      String name = name();
      if (names.contains(name)) {
        throw tokens.fault("the parameter '" + name + "' is there twice");
      }
      names.add(name);
      if (tokens.skipOp("=")) {
        defaults.add(expressions.expression());
      } else if (!defaults.isEmpty()) {
        throw tokens.fault("a parameter without a default cannot follow one with");
      }
    }
    tokens.expectOp(")");
    return new Stmt.Signature(List.copyOf(names), List.copyOf(defaults), Set.of());
  }
}
