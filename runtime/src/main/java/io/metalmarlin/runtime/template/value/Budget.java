package io.metalmarlin.runtime.template.value;

import java.util.List;
import java.util.SequencedMap;

/// Counts what a running template costs and makes the values whose size a template chooses. Used by
/// one thread.
public final class Budget {
  /// Levels of lists in lists; printing and comparing follow them.
  private static final int NESTING = 100;

  private static final int WALKED_PER_STEP = 16;

  private final Limits limits;
  private long steps;
  private long made;
  private int depth;

  public Budget(Limits limits) {
    this.limits = limits;
  }

  public Limits limits() {
    return limits;
  }

  public void step() {
    if (++steps > limits.steps()) {
      throw limit("more than " + limits.steps() + " steps");
    }
  }

  /// Counts walking through so many characters or elements.
  public void walk(long elements) {
    steps += elements / WALKED_PER_STEP;
    step();
  }

  /// Counts characters or elements about to be made.
  public void make(long elements) {
    if (elements > limits.made() - made) {
      throw limit("values of more than " + limits.made() + " characters and elements in all");
    }
    made += elements;
    walk(elements);
  }

  /// Goes one evaluation deeper; every call is followed by [#leave].
  public void enter() {
    step();
    if (++depth > limits.depth()) {
      depth--;
      throw limit("expressions, blocks and macros nested deeper than " + limits.depth());
    }
  }

  public void leave() {
    depth--;
  }

  public Text text(String value) {
    make(value.length());
    return new Text(value);
  }

  public Items list(List<Value> values) {
    return items(Items.Kind.LIST, values);
  }

  public Items tuple(Value... values) {
    return items(Items.Kind.TUPLE, List.of(values));
  }

  public Items items(Items.Kind kind, List<Value> values) {
    return items(kind, values, List.of());
  }

  /// A tuple whose elements also have names.
  public Items named(List<String> names, Value... values) {
    return items(Items.Kind.TUPLE, List.of(values), names);
  }

  private Items items(Items.Kind kind, List<Value> values, List<String> names) {
    make(values.size());
    Items items = new Items(kind, values, names);
    check(items);
    return items;
  }

  public Stream stream(List<Value> values) {
    make(values.size());
    return new Stream(values);
  }

  public Mapping mapping(SequencedMap<Value, Value> entries) {
    make(2L * entries.size());
    Mapping mapping = new Mapping(entries);
    check(mapping);
    return mapping;
  }

  /// A key must not change and be cheap to compare.
  ///
  /// @throws TemplateFault for lists and dictionaries
  public Value key(Value key) {
    if (key instanceof Mapping || (key instanceof Items i && i.kind() != Items.Kind.TUPLE)) {
      throw new TemplateFault("a " + key.type() + " cannot be a key");
    }
    walk(key.weight());
    return key;
  }

  public static TemplateFault limit(String what) {
    return new TemplateFault(TemplateFault.Kind.LIMIT, "the template needs " + what);
  }

  private void check(Value v) {
    if (v.depth() > NESTING) {
      throw limit("lists nested deeper than " + NESTING);
    }
    if (v.weight() > limits.made()) {
      throw limit("a value of more than " + limits.made() + " characters and elements");
    }
  }
}
