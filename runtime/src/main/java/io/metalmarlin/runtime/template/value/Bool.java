package io.metalmarlin.runtime.template.value;

/// `True` or `False`.
public record Bool(boolean value) implements Num {
  public static final Bool TRUE = new Bool(true);
  public static final Bool FALSE = new Bool(false);

  public static Bool of(boolean value) {
    return value ? TRUE : FALSE;
  }

  @Override
  public double real() {
    return value ? 1 : 0;
  }

  @Override
  public long integer() {
    return value ? 1 : 0;
  }

  @Override
  public String type() {
    return "bool";
  }

  @Override
  public boolean equals(Object other) {
    return Num.same(this, other);
  }

  @Override
  public int hashCode() {
    return Num.hash(this);
  }
}
