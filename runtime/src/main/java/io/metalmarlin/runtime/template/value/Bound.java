package io.metalmarlin.runtime.template.value;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Arguments in the order of a function's parameters.
public final class Bound {
  private final String function;
  private final List<String> parameters;
  private final @Nullable Value[] values;

  Bound(String function, List<String> parameters, @Nullable Value[] values) {
    this.function = function;
    this.parameters = parameters;
    this.values = values;
  }

  /// The argument, null when it was not given.
  public @Nullable Value get(int i) {
    return values[i];
  }

  /// @throws TemplateFault when it was not given
  public Value require(int i) {
    Value v = values[i];
    if (v == null) {
      throw new TemplateFault("%s() needs '%s'".formatted(function, parameters.get(i)));
    }
    return v;
  }

  public Value or(int i, Value otherwise) {
    Value v = values[i];
    return v == null ? otherwise : v;
  }

  public boolean truth(int i, boolean otherwise) {
    Value v = values[i];
    return v == null ? otherwise : v.truthy();
  }

  /// A whole number.
  ///
  /// @throws TemplateFault when it is something else
  public long whole(int i, long otherwise) {
    Value v = values[i];
    if (v == null) {
      return otherwise;
    }
    if (v instanceof Num n && n.whole()) {
      return n.integer();
    }
    throw wrong(i, "a whole number", v);
  }

  /// @throws TemplateFault when it was not given or is no string
  public String text(int i) {
    Value v = require(i);
    if (v instanceof Text t) {
      return t.value();
    }
    throw wrong(i, "a string", v);
  }

  /// A string; null when it was not given or is none.
  ///
  /// @throws TemplateFault when it is something else
  public @Nullable String textOrNull(int i) {
    Value v = values[i];
    return v == null || v instanceof None ? null : text(i);
  }

  private TemplateFault wrong(int i, String expected, Value actual) {
    if (actual instanceof Undefined u) {
      return u.fault();
    }
    return new TemplateFault(
        "%s() wants %s as '%s', got %s"
            .formatted(function, expected, parameters.get(i), actual.type()));
  }
}
