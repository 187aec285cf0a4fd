package io.metalmarlin.runtime.template.syntax;

import io.metalmarlin.runtime.template.value.TemplateFault;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Parses expressions by recursive descent; from the loosest binding to the tightest: `if else`,
/// `or`, `and`, `not`, comparisons, `+ -`, `~`, `* / // %`, `**`, signs, calls and filters.
final class ExpressionParser {
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

  private final TokenStream tokens;
  private final PrimaryParser primary;

  ExpressionParser(TokenStream tokens) {
    this.tokens = tokens;
    this.primary = new PrimaryParser(tokens, this);
  }

  Expr expression() {
    tokens.enter();
    Expr then = or();
    while (tokens.atName("if")) {
      int at = tokens.next().at();
      Expr test = or();
      Expr otherwise = tokens.skipName("else") ? expression() : null;
      then = new Expr.Conditional(test, then, otherwise, at);
    }
    tokens.leave();
    return then;
  }

  /// Expressions with commas between them: a tuple, or the expression alone.
  ///
  /// @param conditional whether `a if b` may stand here without parentheses
  /// @param end a name that may follow a last comma
  Expr tuple(boolean conditional, @Nullable String end) {
    int at = tokens.peek().at();
    List<Expr> items = new ArrayList<>();
    boolean commas = false;
    while (true) {
      if (!items.isEmpty()) {
        tokens.expectOp(",");
      }
      if (tupleEnds(end)) {
        break;
      }
      items.add(conditional ? expression() : nestedOr());
      if (!tokens.atOp(",")) {
        break;
      }
      commas = true;
    }
    if (!commas) {
      if (items.isEmpty()) {
        throw tokens.fault("expected an expression, got " + tokens.peek().shown());
      }
      return items.getFirst();
    }
    return new Expr.Sequence(true, List.copyOf(items), at);
  }

  boolean tupleEnds(@Nullable String end) {
    return tokens.at(Token.Kind.BLOCK_END)
        || tokens.at(Token.Kind.PRINT_END)
        || tokens.atOp(")")
        || (end != null && tokens.atName(end));
  }

  private Expr nestedOr() {
    tokens.enter();
    Expr e = or();
    tokens.leave();
    return e;
  }

  private Expr or() {
    Expr left = and();
    while (tokens.atName("or")) {
      int at = tokens.next().at();
      left = new Expr.Logic(false, left, and(), at);
    }
    return left;
  }

  private Expr and() {
    Expr left = not();
    while (tokens.atName("and")) {
      int at = tokens.next().at();
      left = new Expr.Logic(true, left, not(), at);
    }
    return left;
  }

  private Expr not() {
    if (!tokens.atName("not")) {
      return comparison();
    }
    tokens.enter();
    int at = tokens.next().at();
    Expr e = new Expr.Unary("not", not(), at);
    tokens.leave();
    return e;
  }

  private Expr comparison() {
    Expr first = sum();
    List<String> operators = new ArrayList<>();
    List<Expr> operands = new ArrayList<>();
    int at = tokens.peek().at();
    while (true) {
      Token t = tokens.peek();
      if (t.kind() == Token.Kind.OPERATOR && COMPARISONS.contains(t.text())) {
        tokens.next();
        operators.add(t.text());
      } else if (tokens.skipName("in")) {
        operators.add("in");
      } else if (t.name("not") && tokens.peekSecond().name("in")) {
        tokens.next();
        tokens.next();
        operators.add("not in");
      } else {
        break;
      }
      operands.add(sum());
    }
    return operators.isEmpty()
        ? first
        : new Expr.Compare(first, List.copyOf(operators), List.copyOf(operands), at);
  }

  private Expr sum() {
    Expr left = concat();
    while (tokens.atOp("+") || tokens.atOp("-")) {
      Token op = tokens.next();
      left = new Expr.Binary(op.text(), left, concat(), op.at());
    }
    return left;
  }

  private Expr concat() {
    int at = tokens.peek().at();
    Expr first = product();
    if (!tokens.atOp("~")) {
      return first;
    }
    List<Expr> parts = new ArrayList<>(List.of(first));
    while (tokens.skipOp("~")) {
      parts.add(product());
    }
    return new Expr.Concat(List.copyOf(parts), at);
  }

  private Expr product() {
    Expr left = power();
    while (tokens.atOp("*") || tokens.atOp("/") || tokens.atOp("//") || tokens.atOp("%")) {
      Token op = tokens.next();
      left = new Expr.Binary(op.text(), left, power(), op.at());
    }
    return left;
  }

  private Expr power() {
    Expr left = unary(true);
    while (tokens.atOp("**")) {
      Token op = tokens.next();
      left = new Expr.Binary("**", left, unary(true), op.at());
    }
    return left;
  }

  private Expr unary(boolean filters) {
    Expr e;
    if (tokens.atOp("-") || tokens.atOp("+")) {
      tokens.enter();
      Token op = tokens.next();
      e = new Expr.Unary(op.text(), unary(false), op.at());
      tokens.leave();
    } else {
      e = primary.parse();
    }
    e = postfix(e);
    return filters ? filters(e) : e;
  }

  private Expr postfix(Expr e) {
    while (true) {
      if (tokens.atOp(".") || tokens.atOp("[")) {
        e = primary.subscript(e);
      } else if (tokens.atOp("(")) {
        e = call(e);
      } else {
        return e;
      }
    }
  }

  private Expr filters(Expr e) {
    while (true) {
      if (tokens.skipOp("|")) {
        e = new Expr.Filter(e, filter());
      } else if (tokens.atName("is")) {
        e = test(e);
      } else if (tokens.atOp("(")) {
        e = call(e);
      } else {
        return e;
      }
    }
  }

  private Expr call(Expr function) {
    int at = tokens.peek().at();
    return new Expr.Call(function, primary.arguments(), at);
  }

  /// A filter's name and arguments, and those that follow it.
  List<Expr.Applied> filterChain() {
    List<Expr.Applied> chain = new ArrayList<>();
    do {
      chain.add(filter());
    } while (tokens.skipOp("|"));
    return List.copyOf(chain);
  }

  private Expr.Applied filter() {
    int at = tokens.peek().at();
    String name = dotted();
    return new Expr.Applied(name, tokens.atOp("(") ? primary.arguments() : Expr.Arguments.NONE, at);
  }

  private Expr test(Expr input) {
    int at = tokens.next().at();
    boolean negated = tokens.skipName("not");
    String name = dotted();
    Expr test = new Expr.Test(input, name, testArguments(), at);
    return negated ? new Expr.Unary("not", test, at) : test;
  }

  private Expr.Arguments testArguments() {
    if (tokens.atOp("(")) {
      return primary.arguments();
    }
    Token t = tokens.peek();
    boolean starts =
        switch (t.kind()) {
          case NAME -> !Set.of("else", "or", "and").contains(t.text());
          case STRING, INTEGER, FLOAT -> true;
          case OPERATOR -> t.text().equals("[") || t.text().equals("{");
          default -> false;
        };
    if (!starts) {
      return Expr.Arguments.NONE;
    }
    if (t.name("is")) {
      throw new TemplateFault("tests cannot be chained with 'is'").at(t.at());
    }
    return new Expr.Arguments(List.of(postfix(primary.parse())), List.of(), null, null);
  }

  private String dotted() {
    StringBuilder name = new StringBuilder(tokens.expect(Token.Kind.NAME).text());
    while (tokens.skipOp(".")) {
      name.append('.').append(tokens.expect(Token.Kind.NAME).text());
    }
    return name.toString();
  }
}
