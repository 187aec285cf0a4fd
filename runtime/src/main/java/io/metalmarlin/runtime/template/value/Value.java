package io.metalmarlin.runtime.template.value;

/// A value of a template, with Python's meaning of equality: `1`, `1.0` and `True` are equal.
///
/// The set is closed: nothing here leads to a Java object, and none but [Namespace], [Loop] and the
/// read position of a [Stream] changes.
public sealed interface Value
    permits Callable, Items, Loop, Mapping, Namespace, None, Num, Stream, Text, Undefined {
  /// What an `if` makes of it.
  boolean truthy();

  /// Python's name of the type, for messages.
  String type();

  /// Characters and elements of the value, shared parts counted as often as they are seen: what
  /// walking through it costs.
  default long weight() {
    return 1;
  }

  /// Levels of nesting.
  default int depth() {
    return 0;
  }
}
