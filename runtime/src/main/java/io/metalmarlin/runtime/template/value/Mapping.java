package io.metalmarlin.runtime.template.value;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/// A dictionary, in the order of its making.
public final class Mapping implements Value {
  private final SequencedMap<Value, Value> entries;
  private final long weight;
  private final int depth;

  Mapping(SequencedMap<Value, Value> entries) {
    this.entries = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(entries));
    long sum = 1;
    int deepest = 0;
    for (Map.Entry<Value, Value> e : entries.entrySet()) {
      sum += e.getKey().weight() + e.getValue().weight();
      deepest = Math.max(deepest, Math.max(e.getKey().depth(), e.getValue().depth()));
    }
    this.weight = sum;
    this.depth = deepest + 1;
  }

  /// Unmodifiable.
  public SequencedMap<Value, Value> entries() {
    return entries;
  }

  @Override
  public boolean truthy() {
    return !entries.isEmpty();
  }

  @Override
  public String type() {
    return "dict";
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
    return other instanceof Mapping o && entries.equals(o.entries);
  }

  @Override
  public int hashCode() {
    return entries.hashCode();
  }
}
