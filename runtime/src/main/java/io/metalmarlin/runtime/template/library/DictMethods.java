package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Items;
import io.metalmarlin.runtime.template.value.Mapping;
import io.metalmarlin.runtime.template.value.None;
import io.metalmarlin.runtime.template.value.Value;
import java.util.List;
import java.util.Map;

/// Methods of dictionaries.
final class DictMethods {
  static final Map<String, Method> ALL =
      Map.of(
          "items",
          method("items", List.of(), (m, a, b) -> Dictionaries.entries(m, b)),
          "keys",
          method(
              "keys",
              List.of(),
              (m, a, b) -> b.items(Items.Kind.KEYS, List.copyOf(m.entries().sequencedKeySet()))),
          "values",
          method(
              "values",
              List.of(),
              (m, a, b) -> b.items(Items.Kind.VALUES, List.copyOf(m.entries().sequencedValues()))),
          "get",
          method(
              "get",
              List.of("key", "default"),
              (m, a, b) -> {
                Value v = m.entries().get(b.key(a.require(0)));
                return v == null ? a.or(1, None.NONE) : v;
              }),
          "copy",
          method("copy", List.of(), (m, a, b) -> m));

  private DictMethods() {}

  private static Method method(String name, List<String> parameters, Method.Body<Mapping> body) {
    return Method.of(name, parameters, (self, a, b) -> body.call((Mapping) self, a, b));
  }
}
