package io.metalmarlin.runtime.template.value;

/// A whole number of 64 bits; arithmetic beyond them is an error.
public record Int(long integer) implements Num {
  @Override
  public double real() {
    return integer;
  }

  @Override
  public String type() {
    return "int";
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
