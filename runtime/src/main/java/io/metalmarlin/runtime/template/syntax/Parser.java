package io.metalmarlin.runtime.template.syntax;

import io.metalmarlin.runtime.template.value.TemplateFault;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Parses a template. `block`, `extends`, `include`, `import` and the like are refused: a chat
/// template is one file.
public final class Parser {
  private static final Stmt.Signature NO_PARAMETERS =
      new Stmt.Signature(List.of(), List.of(), Set.of());

  private final TokenStream tokens;
  private final ExpressionParser expressions;
  private final TargetParser targets;
  private int loops;

  private Parser(String source) {
    this.tokens = new TokenStream(Lexer.tokens(source));
    this.expressions = new ExpressionParser(tokens);
    this.targets = new TargetParser(tokens, expressions);
  }

  /// The template with one kind of line end and none at its end: what offsets count in.
  public static String normalize(String source) {
    return Lexer.normalize(source);
  }

  /// @param source normalized
  /// @throws TemplateFault with the offset, for what is no template
  public static List<Stmt> parse(String source) {
    Parser p = new Parser(source);
    return p.statements(Set.of());
  }

  /// Statements up to a tag with one of the names, which is left behind `{%`; without names up to
  /// the end.
  private List<Stmt> statements(Set<String> ends) {
    List<Stmt> out = new ArrayList<>();
    tokens.enter();
    while (true) {
      Token t = tokens.next();
      switch (t.kind()) {
        case DATA -> out.add(new Stmt.Data(t.text(), t.at()));
        case PRINT_BEGIN -> {
          out.add(new Stmt.Print(expressions.tuple(true, null), t.at()));
          tokens.expect(Token.Kind.PRINT_END);
        }
        case BLOCK_BEGIN -> {
          Token name = tokens.peek();
          if (name.kind() == Token.Kind.NAME && ends.contains(name.text())) {
            tokens.leave();
            return List.copyOf(out);
          }
          out.add(statement(tokens.expect(Token.Kind.NAME)));
          tokens.expect(Token.Kind.BLOCK_END);
        }
        default -> {
          if (!ends.isEmpty()) {
            throw new TemplateFault("the template ends before " + String.join(" or ", ends))
                .at(t.at());
          }
          tokens.leave();
          return List.copyOf(out);
        }
      }
    }
  }

  private List<Stmt> body(String end) {
    tokens.expect(Token.Kind.BLOCK_END);
    List<Stmt> body = statements(Set.of(end));
    tokens.expectName(end);
    return body;
  }

  /// A body in which `break` and `continue` do not reach the loops outside.
  private List<Stmt> closedBody(String end) {
    int outside = loops;
    loops = 0;
    List<Stmt> body = body(end);
    loops = outside;
    return body;
  }

  private Stmt statement(Token tag) {
    int at = tag.at();
    return switch (tag.text()) {
      case "if" -> ifStatement(at);
      case "for" -> forStatement(at);
      case "set" -> setStatement(at);
      case "with" -> withStatement(at);
      case "macro" -> {
        String name = targets.name();
        Set<String> outside = tokens.swap(new HashSet<>());
        Stmt.Signature signature = targets.signature();
        List<Stmt> body = closedBody("endmacro");
        yield new Stmt.Macro(name, specials(signature, outside), body, at);
      }
      case "call" -> callStatement(at);
      case "filter" -> {
        List<Expr.Applied> filters = expressions.filterChain();
        yield new Stmt.FilterBlock(filters, body("endfilter"), at);
      }
      case "generation" -> new Stmt.Generation(closedBody("endgeneration"), at);
      case "print" -> new Stmt.Print(expressions.tuple(true, null), at);
      case "break", "continue" -> {
        if (loops == 0) {
          throw new TemplateFault("'" + tag.text() + "' stands outside of a loop").at(at);
        }
        yield new Stmt.Jump(tag.text().equals("break"), at);
      }
      case "include", "import", "from", "extends", "block", "autoescape", "do", "trans", "debug" ->
          throw new TemplateFault("'" + tag.text() + "' is not part of chat templates").at(at);
      default -> throw new TemplateFault("unknown tag '" + tag.text() + "'").at(at);
    };
  }

  /// The signature with what was noted since the swap that gave `outside`.
  private Stmt.Signature specials(Stmt.Signature s, Set<String> outside) {
    Set<String> inside = tokens.swap(outside);
    outside.addAll(inside);
    return new Stmt.Signature(s.names(), s.defaults(), Set.copyOf(inside));
  }

  private Stmt ifStatement(int at) {
    List<Stmt.Branch> branches = new ArrayList<>();
    String tag = "if";
    while (!tag.equals("endif")) {
      Expr test = tag.equals("else") ? null : expressions.tuple(false, null);
      tokens.expect(Token.Kind.BLOCK_END);
      Set<String> ends = test == null ? Set.of("endif") : Set.of("elif", "else", "endif");
      branches.add(new Stmt.Branch(test, statements(ends)));
      tag = tokens.next().text();
    }
    return new Stmt.If(List.copyOf(branches), at);
  }

  private Stmt forStatement(int at) {
    Target target = targets.targets(false);
    tokens.expectName("in");
    Expr items = expressions.tuple(false, "recursive");
    Expr test = tokens.skipName("if") ? expressions.expression() : null;
    boolean recursive = tokens.skipName("recursive");
    tokens.expect(Token.Kind.BLOCK_END);
    loops++;
    List<Stmt> body = statements(Set.of("endfor", "else"));
    loops--;
    List<Stmt> otherwise = List.of();
    if (tokens.next().name("else")) {
      otherwise = body("endfor");
    }
    return new Stmt.For(target, items, test, recursive, body, otherwise, at);
  }

  private Stmt setStatement(int at) {
    Target target = targets.targets(true);
    if (tokens.skipOp("=")) {
      return new Stmt.Set(target, expressions.tuple(true, null), at);
    }
    List<Expr.Applied> filters = tokens.skipOp("|") ? expressions.filterChain() : List.of();
    return new Stmt.SetBlock(target, filters, body("endset"), at);
  }

  private Stmt withStatement(int at) {
    List<Target> names = new ArrayList<>();
    List<Expr> values = new ArrayList<>();
    while (!tokens.at(Token.Kind.BLOCK_END)) {
      if (!names.isEmpty()) {
        tokens.expectOp(",");
      }
      names.add(new Target.Variable(targets.name(), tokens.peek().at()));
      tokens.expectOp("=");
      values.add(expressions.expression());
    }
    return new Stmt.With(List.copyOf(names), List.copyOf(values), body("endwith"), at);
  }

  private Stmt callStatement(int at) {
    Stmt.Signature signature = tokens.atOp("(") ? targets.signature() : NO_PARAMETERS;
    Expr called = expressions.expression();
    if (called instanceof Expr.Call call) {
      Set<String> outside = tokens.swap(new HashSet<>());
      List<Stmt> body = closedBody("endcall");
      return new Stmt.CallBlock(specials(signature, outside), call, body, at);
    }
    throw new TemplateFault("'call' needs a call").at(at);
  }
}
