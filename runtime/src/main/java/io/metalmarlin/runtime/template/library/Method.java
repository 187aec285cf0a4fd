package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Arguments;
import io.metalmarlin.runtime.template.value.Bound;
import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Value;
import java.util.List;

/// A method of a value or a filter: what stands before the dot or the bar, the arguments, and the
/// budget to make the result from.
@FunctionalInterface
interface Method {
  Value call(Value self, Arguments arguments, Budget budget);

  /// The work of a method whose arguments are in the order of its parameters.
  @FunctionalInterface
  interface Body<T> {
    Value call(T self, Bound arguments, Budget budget);
  }

  /// A method with named parameters.
  ///
  /// @param name for messages
  static Method of(String name, List<String> parameters, Body<Value> body) {
    return (self, a, b) -> body.call(self, a.bind(name, parameters), b);
  }
}
