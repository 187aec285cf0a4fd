package io.metalmarlin.runtime.template.value;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What `namespace()` gives: the one value whose parts a template may set. Equal only to itself.
public final class Namespace implements Value {
  private final Map<String, Value> values = new LinkedHashMap<>();

  /// The attribute, null when it was never set.
  public @Nullable Value get(String name) {
    return values.get(name);
  }

  public void set(String name, Value value) {
    values.put(name, value);
  }

  @Override
  public boolean truthy() {
    return true;
  }

  @Override
  public String type() {
    return "Namespace";
  }
}
