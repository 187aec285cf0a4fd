package io.metalmarlin.runtime.template.syntax;

import java.util.List;

/// What `set`, `for` and `with` assign to.
public sealed interface Target {
  int at();

  /// A variable of the innermost scope.
  record Variable(String name, int at) implements Target {}

  /// `namespace.attribute`.
  record Field(String namespace, String attribute, int at) implements Target {}

  /// `a, b`: as many targets as the value has elements.
  record Several(List<Target> targets, int at) implements Target {}
}
