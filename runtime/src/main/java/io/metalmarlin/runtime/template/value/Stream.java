package io.metalmarlin.runtime.template.value;

import java.util.List;

/// Elements that can be walked through once, as filters like `map` and `select` give them: always
/// true, without a length, empty after it was read.
public final class Stream implements Value {
  private final List<Value> values;
  private int at;

  public Stream(List<Value> values) {
    this.values = List.copyOf(values);
  }

  /// Takes everything that is left.
  public List<Value> drain() {
    List<Value> rest = values.subList(at, values.size());
    at = values.size();
    return rest;
  }

  /// Takes the next element; the stream must not be at its end.
  public Value next() {
    return values.get(at++);
  }

  public boolean atEnd() {
    return at == values.size();
  }

  @Override
  public boolean truthy() {
    return true;
  }

  @Override
  public String type() {
    return "generator";
  }
}
