package io.metalmarlin.runtime.template;

import io.metalmarlin.runtime.template.value.Undefined;
import io.metalmarlin.runtime.template.value.Value;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Variables by name: those of a block, in front of those around it.
final class Scope {
  private final @Nullable Scope outer;
  private final Map<String, Value> names;

  Scope(@Nullable Scope outer, Map<String, Value> names) {
    this.outer = outer;
    this.names = new HashMap<>(names);
  }

  Scope inner() {
    return new Scope(this, Map.of());
  }

  Value get(String name) {
    for (Scope s = this; s != null; s = s.outer) {
      Value v = s.names.get(name);
      if (v != null) {
        return v;
      }
    }
    return new Undefined("'" + name + "' is undefined");
  }

  void set(String name, Value value) {
    names.put(name, value);
  }
}
