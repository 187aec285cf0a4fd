package io.metalmarlin.runtime.template.value;

/// A floating-point number.
public record Real(double real) implements Num {
  @Override
  public long integer() {
    return (long) real;
  }

  @Override
  public String type() {
    return "float";
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
