package io.metalmarlin.runtime.template.syntax;

import io.metalmarlin.runtime.template.value.Bool;
import io.metalmarlin.runtime.template.value.Int;
import io.metalmarlin.runtime.template.value.None;
import io.metalmarlin.runtime.template.value.Real;
import io.metalmarlin.runtime.template.value.Text;
import io.metalmarlin.runtime.template.value.Value;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Parses literals, names, subscripts and the arguments of calls.
final class PrimaryParser {
  private final TokenStream tokens;
  private final ExpressionParser expressions;

  PrimaryParser(TokenStream tokens, ExpressionParser expressions) {
    this.tokens = tokens;
    this.expressions = expressions;
  }

  Expr parse() {
    Token t = tokens.peek();
    return switch (t.kind()) {
      case NAME -> {
        tokens.note(t.text());
        yield name(tokens.next());
      }
      case STRING -> new Expr.Constant(new Text(strings()), t.at());
      case INTEGER -> new Expr.Constant(integer(tokens.next()), t.at());
      case FLOAT ->
          new Expr.Constant(
              new Real(Double.parseDouble(tokens.next().text().replace("_", ""))), t.at());
      case OPERATOR ->
          switch (t.text()) {
            case "(" -> parenthesis();
            case "[" -> list();
            case "{" -> dictionary();
            default -> throw tokens.fault("unexpected " + t.shown());
          };
      default -> throw tokens.fault("unexpected " + t.shown());
    };
  }

  /// Literals written side by side are one.
  private String strings() {
    StringBuilder all = new StringBuilder();
    while (tokens.at(Token.Kind.STRING)) {
      all.append(tokens.next().text());
    }
    return all.toString();
  }

  private static Expr name(Token t) {
    Value constant = constant(t.text());
    return constant == null ? new Expr.Name(t.text(), t.at()) : new Expr.Constant(constant, t.at());
  }

  static @Nullable Value constant(String name) {
    return switch (name) {
      case "true", "True" -> Bool.TRUE;
      case "false", "False" -> Bool.FALSE;
      case "none", "None" -> None.NONE;
      default -> null;
    };
  }

  private Int integer(Token t) {
    String digits = t.text().replace("_", "");
    int radix =
        digits.length() < 2
            ? 10
            : switch (Character.toLowerCase(digits.charAt(1))) {
              case 'x' -> 16;
              case 'o' -> 8;
              case 'b' -> 2;
              default -> 10;
            };
    try {
      return new Int(Long.parseLong(radix == 10 ? digits : digits.substring(2), radix));
    } catch (NumberFormatException e) {
      throw tokens.fault("the number " + t.text() + " has more than 64 bits");
    }
  }

  private Expr parenthesis() {
    int at = tokens.next().at();
    if (tokens.skipOp(")")) {
      return new Expr.Sequence(true, List.of(), at);
    }
    Expr e = expressions.tuple(true, null);
    tokens.expectOp(")");
    return e;
  }

  private Expr list() {
    int at = tokens.next().at();
    List<Expr> items = new ArrayList<>();
    while (!tokens.atOp("]")) {
      if (!items.isEmpty()) {
        tokens.expectOp(",");
        if (tokens.atOp("]")) {
          break;
        }
      }
      items.add(expressions.expression());
    }
    tokens.expectOp("]");
    return new Expr.Sequence(false, List.copyOf(items), at);
  }

  private Expr dictionary() {
    int at = tokens.next().at();
    List<Expr> keys = new ArrayList<>();
    List<Expr> values = new ArrayList<>();
    while (!tokens.atOp("}")) {
      if (!keys.isEmpty()) {
        tokens.expectOp(",");
        if (tokens.atOp("}")) {
          break;
        }
      }
      keys.add(expressions.expression());
      tokens.expectOp(":");
      values.add(expressions.expression());
    }
    tokens.expectOp("}");
    return new Expr.Dictionary(List.copyOf(keys), List.copyOf(values), at);
  }

  Expr subscript(Expr target) {
    Token t = tokens.next();
    if (t.op(".")) {
      if (tokens.at(Token.Kind.INTEGER)) {
        Token index = tokens.next();
        return new Expr.Subscript(target, new Expr.Constant(integer(index), index.at()), t.at());
      }
      return new Expr.Attribute(target, tokens.expect(Token.Kind.NAME).text(), t.at());
    }
    List<Expr> keys = new ArrayList<>();
    while (!tokens.atOp("]")) {
      if (!keys.isEmpty()) {
        tokens.expectOp(",");
      }
      keys.add(key());
    }
    tokens.expectOp("]");
    Expr key =
        keys.size() == 1 ? keys.getFirst() : new Expr.Sequence(true, List.copyOf(keys), t.at());
    return new Expr.Subscript(target, key, t.at());
  }

  private Expr key() {
    int at = tokens.peek().at();
    Expr begin = null;
    if (!tokens.atOp(":")) {
      begin = expressions.expression();
      if (!tokens.atOp(":")) {
        return begin;
      }
    }
    tokens.expectOp(":");
    Expr end = bound();
    Expr step = tokens.skipOp(":") ? bound() : null;
    return new Expr.Slice(begin, end, step, at);
  }

  private @Nullable Expr bound() {
    return tokens.atOp(":") || tokens.atOp("]") || tokens.atOp(",")
        ? null
        : expressions.expression();
  }

  Expr.Arguments arguments() {
    tokens.expectOp("(");
    List<Expr> positional = new ArrayList<>();
    List<Expr.Keyword> named = new ArrayList<>();
    Expr rest = null;
    Expr namedRest = null;
    boolean first = true;
    while (!tokens.atOp(")")) {
      if (!first) {
        tokens.expectOp(",");
        if (tokens.atOp(")")) {
          break;
        }
      }
      first = false;
      if (namedRest != null) {
        throw tokens.fault("nothing may follow '**' in a call");
      }
      if (rest == null && tokens.skipOp("*")) {
        rest = expressions.expression();
      } else if (tokens.skipOp("**")) {
        namedRest = expressions.expression();
      } else if (tokens.at(Token.Kind.NAME) && tokens.peekSecond().op("=")) {
        String name = tokens.next().text();
        tokens.next();
        named.add(new Expr.Keyword(name, expressions.expression()));
      } else if (rest == null && named.isEmpty()) {
        positional.add(expressions.expression());
      } else {
        throw tokens.fault("an argument without a name cannot stand behind named ones");
      }
    }
    tokens.expectOp(")");
    return new Expr.Arguments(List.copyOf(positional), List.copyOf(named), rest, namedRest);
  }
}
