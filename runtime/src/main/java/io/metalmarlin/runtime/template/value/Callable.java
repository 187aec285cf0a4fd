package io.metalmarlin.runtime.template.value;

/// A function, a macro or a method bound to its value.
///
/// @param name what messages call it
/// @param body what it does
public record Callable(String name, Body body) implements Value {
  /// The work of a callable.
  @FunctionalInterface
  public interface Body {
    Value call(Arguments arguments, Budget budget);
  }

  @Override
  public boolean truthy() {
    return true;
  }

  @Override
  public String type() {
    return "function";
  }
}
