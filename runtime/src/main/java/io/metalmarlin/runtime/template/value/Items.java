package io.metalmarlin.runtime.template.value;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Elements in order: a list and what else behaves like one.
public final class Items implements Value {
  /// What the elements came from; it decides equality, the look and what may be done.
  public enum Kind {
    LIST("list"),
    TUPLE("tuple"),
    RANGE("range"),
    KEYS("dict_keys"),
    VALUES("dict_values"),
    ENTRIES("dict_items");

    private final String type;

    Kind(String type) {
      this.type = type;
    }

    /// Whether it has positions.
    public boolean indexed() {
      return this == LIST || this == TUPLE || this == RANGE;
    }
  }

  private final Kind kind;
  private final List<Value> values;
  private final List<String> names;
  private final long weight;
  private final int depth;

  Items(Kind kind, List<Value> values, List<String> names) {
    this.kind = kind;
    this.names = List.copyOf(names);
    this.values = List.copyOf(values);
    long sum = 1;
    int deepest = 0;
    for (Value v : values) {
      sum += v.weight();
      deepest = Math.max(deepest, v.depth());
    }
    this.weight = sum;
    this.depth = deepest + 1;
  }

  public Kind kind() {
    return kind;
  }

  /// Unmodifiable.
  public List<Value> values() {
    return values;
  }

  /// The element of a named tuple, null when none is called so.
  public @Nullable Value named(String name) {
    int i = names.indexOf(name);
    return i < 0 ? null : values.get(i);
  }

  public int size() {
    return values.size();
  }

  @Override
  public boolean truthy() {
    return !values.isEmpty();
  }

  @Override
  public String type() {
    return kind.type;
  }

  @Override
  public long weight() {
    return weight;
  }

  @Override
  public int depth() {
    return depth;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Items o && kind == o.kind && values.equals(o.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }
}
