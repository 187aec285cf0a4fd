package io.metalmarlin.runtime.template.value;

/// What a name, key or index gives that is not there: shows as nothing, is false and empty, and is
/// an error in arithmetic, calls and look-ups.
///
/// @param why the message of that error
public record Undefined(String why) implements Value {
  public TemplateFault fault() {
    return new TemplateFault(why);
  }

  @Override
  public boolean truthy() {
    return false;
  }

  @Override
  public String type() {
    return "Undefined";
  }

  /// One undefined value equals another.
  @Override
  public boolean equals(Object other) {
    return other instanceof Undefined;
  }

  @Override
  public int hashCode() {
    return 1;
  }
}
