package io.metalmarlin.runtime.template.syntax;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A statement. Every one knows its offset in the template.
public sealed interface Stmt {
  int at();

  /// Text as it stands.
  record Data(String text, int at) implements Stmt {}

  /// `{{ expression }}`.
  record Print(Expr expression, int at) implements Stmt {}

  /// `{% if %}` with its `elif` branches; the last branch of an `else` has no test.
  record If(List<Branch> branches, int at) implements Stmt {}

  /// A branch; no test means `else`.
  record Branch(@Nullable Expr test, List<Stmt> body) {}

  /// `{% for target in items if test %}`.
  record For(
      Target target,
      Expr items,
      @Nullable Expr test,
      boolean recursive,
      List<Stmt> body,
      List<Stmt> otherwise,
      int at)
      implements Stmt {}

  /// `{% set target = value %}`.
  record Set(Target target, Expr value, int at) implements Stmt {}

  /// `{% set target | filter | filter %}text{% endset %}`.
  record SetBlock(Target target, List<Expr.Applied> filters, List<Stmt> body, int at)
      implements Stmt {}

  /// `{% with target = value %}`; the values are computed outside.
  record With(List<Target> targets, List<Expr> values, List<Stmt> body, int at) implements Stmt {}

  /// `{% macro name(parameters) %}`.
  record Macro(String name, Signature signature, List<Stmt> body, int at) implements Stmt {}

  /// `{% call(parameters) macro(arguments) %}`.
  record CallBlock(Signature signature, Expr.Call call, List<Stmt> body, int at) implements Stmt {}

  /// `{% filter name | name %}`.
  record FilterBlock(List<Expr.Applied> filters, List<Stmt> body, int at) implements Stmt {}

  /// `{% generation %}`: what an assistant says. Its text is the body's.
  record Generation(List<Stmt> body, int at) implements Stmt {}

  /// `{% break %}` or `{% continue %}`.
  record Jump(boolean out, int at) implements Stmt {}

  /// Parameters of a macro; the last `defaults.size()` have a default.
  ///
  /// @param specials which of `varargs`, `kwargs` and `caller` the body looks at
  record Signature(List<String> names, List<Expr> defaults, java.util.Set<String> specials) {}
}
