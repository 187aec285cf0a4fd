package io.metalmarlin.runtime.template.value;

/// A string. Lengths and positions that a template sees are code points, as in Python.
///
/// @param marked it counts as escaped; equal to the same text that does not
public record Text(String value, boolean marked) implements Value {
  public static final Text EMPTY = new Text("");

  public Text(String value) {
    this(value, false);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Text t && t.value.equals(value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

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
