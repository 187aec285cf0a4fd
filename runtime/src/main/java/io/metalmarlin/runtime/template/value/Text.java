package io.metalmarlin.runtime.template.value;

/// A string. Lengths and positions that a template sees are code points, as in Python.
public record Text(String value) implements Value {
  public static final Text EMPTY = new Text("");

  /// Length in code points.
  public int length() {
    return value.codePointCount(0, value.length());
  }

  @Override
  public boolean truthy() {
    return !value.isEmpty();
  }

  @Override
  public String type() {
    return "str";
  }

  @Override
  public long weight() {
    return 1L + value.length();
  }
}
