package io.metalmarlin.runtime.template.value;

/// `None`.
public record None() implements Value {
  public static final None NONE = new None();

  @Override
  public boolean truthy() {
    return false;
  }

  @Override
  public String type() {
    return "NoneType";
  }
}
