package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Int;
import io.metalmarlin.runtime.template.value.Items;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Value;
import java.util.List;
import java.util.Map;

/// Methods of lists and tuples.
final class ListMethods {
  static final Map<String, Method> ALL =
      Map.of(
          "count",
          method(
              "count",
              List.of("value"),
              (self, a, b) -> {
                Value wanted = a.require(0);
                return new Int(
                    self.values().stream().filter(v -> Operators.equal(v, wanted, b)).count());
              }),
          "index",
          method("index", List.of("value"), (self, a, b) -> index(self, a.require(0), b)),
          "copy",
          method("copy", List.of(), (self, a, b) -> self));

  private ListMethods() {}

  private static Value index(Items items, Value wanted, Budget budget) {
    for (int i = 0; i < items.size(); i++) {
      if (Operators.equal(items.values().get(i), wanted, budget)) {
        return new Int(i);
      }
    }
    throw new TemplateFault("index(): the value is not in the list");
  }

  private static Method method(String name, List<String> parameters, Method.Body<Items> body) {
    return Method.of(name, parameters, (self, a, b) -> body.call((Items) self, a, b));
  }
}
