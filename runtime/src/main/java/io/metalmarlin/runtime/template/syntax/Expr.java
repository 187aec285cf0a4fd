package io.metalmarlin.runtime.template.syntax;

import io.metalmarlin.runtime.template.value.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An expression. Every one knows its offset in the template.
public sealed interface Expr {
  int at();

  /// A literal.
  record Constant(Value value, int at) implements Expr {}

  /// A variable.
  record Name(String name, int at) implements Expr {}

  /// `[a, b]` or `(a, b)`.
  record Sequence(boolean tuple, List<Expr> items, int at) implements Expr {}

  /// `{key: value}`.
  record Dictionary(List<Expr> keys, List<Expr> values, int at) implements Expr {}

  /// `- a`, `+ a` or `not a`.
  record Unary(String operator, Expr operand, int at) implements Expr {}

  /// Arithmetic.
  record Binary(String operator, Expr left, Expr right, int at) implements Expr {}

  /// `and` or `or`, which give one of their operands.
  record Logic(boolean and, Expr left, Expr right, int at) implements Expr {}

  /// `a ~ b ~ c`.
  record Concat(List<Expr> parts, int at) implements Expr {}

  /// `a < b <= c`: `operators[i]` stands before `operands[i]`.
  record Compare(Expr first, List<String> operators, List<Expr> operands, int at) implements Expr {}

  /// `then if test else otherwise`.
  record Conditional(Expr test, Expr then, @Nullable Expr otherwise, int at) implements Expr {}

  /// `target.name`.
  record Attribute(Expr target, String name, int at) implements Expr {}

  /// `target[key]`.
  record Subscript(Expr target, Expr key, int at) implements Expr {}

  /// `begin:end:step`, only as a key of a subscript.
  record Slice(@Nullable Expr begin, @Nullable Expr end, @Nullable Expr step, int at)
      implements Expr {}

  /// `function(arguments)`.
  record Call(Expr function, Arguments arguments, int at) implements Expr {}

  /// `input|name(arguments)`.
  record Filter(Expr input, Applied filter) implements Expr {
    @Override
    public int at() {
      return filter.at();
    }
  }

  /// A filter with its arguments, whatever it is applied to.
  record Applied(String name, Arguments arguments, int at) {}

  /// `input is name(arguments)`.
  record Test(Expr input, String name, Arguments arguments, int at) implements Expr {}

  /// What stands between the parentheses of a call.
  ///
  /// @param rest `*expression`
  /// @param namedRest `**expression`
  record Arguments(
      List<Expr> positional, List<Keyword> named, @Nullable Expr rest, @Nullable Expr namedRest) {
    static final Arguments NONE = new Arguments(List.of(), List.of(), null, null);
  }

  /// `name=value`.
  record Keyword(String name, Expr value) {}
}
