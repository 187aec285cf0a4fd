package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Arguments;
import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Every filter by name.
public final class Filters {
  private static final Map<String, Method> ALL = all();

  private Filters() {}

  private static Map<String, Method> all() {
    Map<String, Method> m = new HashMap<>();
    for (Map<String, Method> some :
        List.of(
            TextFilters.all(),
            Markup.filters(),
            NumberFilters.all(),
            ListFilters.all(),
            OrderFilters.all(),
            SelectFilters.all())) {
      m.putAll(some);
    }
    m.put("count", m.get("length"));
    m.put("d", m.get("default"));
    return Map.copyOf(m);
  }

  /// All names.
  public static Set<String> names() {
    return ALL.keySet();
  }

  /// `input|name(arguments)`.
  ///
  /// @throws TemplateFault for a filter that does not exist, or that fails
  public static Value apply(String name, Value input, Arguments arguments, Budget budget) {
    Method filter = ALL.get(name);
    if (filter == null) {
      throw new TemplateFault("there is no filter '" + name + "'");
    }
    return filter.call(input, arguments, budget);
  }
}
