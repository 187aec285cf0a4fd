package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Arguments;
import io.metalmarlin.runtime.template.value.Bound;
import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Text;
import io.metalmarlin.runtime.template.value.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Filters that apply another filter or a test to each element; of whatever is false, none
/// included, there are no elements.
final class SelectFilters {
  private SelectFilters() {}

  static Map<String, Method> all() {
    return Map.of(
        "map", SelectFilters::map,
        "select", (v, a, b) -> select(v, a, b, false, true),
        "reject", (v, a, b) -> select(v, a, b, false, false),
        "selectattr", (v, a, b) -> select(v, a, b, true, true),
        "rejectattr", (v, a, b) -> select(v, a, b, true, false));
  }

  private static Value map(Value v, Arguments a, Budget b) {
    List<Value> out = new ArrayList<>();
    if (!v.truthy()) {
      return b.stream(out);
    }
    if (a.positional().isEmpty()) {
      Bound named = a.bind("map", List.of("attribute", "default"));
      for (Value e : Walk.of(v, b)) {
        out.add(Attributes.of(e, named.require(0), named.get(1), b));
      }
    } else {
      String filter = name("map", a.positional().getFirst());
      for (Value e : Walk.of(v, b)) {
        // The filter may be map again.
        b.enter();
        try {
          out.add(Filters.apply(filter, e, a.skip(1), b));
        } finally {
          b.leave();
        }
      }
    }
    return b.stream(out);
  }

  private static Value select(Value v, Arguments a, Budget b, boolean attribute, boolean keep) {
    List<Value> out = new ArrayList<>();
    if (!v.truthy()) {
      return b.stream(out);
    }
    if (attribute && a.positional().isEmpty()) {
      throw new TemplateFault("selectattr and rejectattr want an attribute");
    }
    Arguments test = a.skip(attribute ? 1 : 0);
    for (Value e : Walk.of(v, b)) {
      b.step();
      Value tested = attribute ? Attributes.of(e, a.positional().getFirst(), null, b) : e;
      if (passes(tested, test, b) == keep) {
        out.add(e);
      }
    }
    return b.stream(out);
  }

  private static boolean passes(Value v, Arguments test, Budget b) {
    if (test.positional().isEmpty()) {
      return v.truthy();
    }
    return Tests.apply(name("select", test.positional().getFirst()), v, test.skip(1), b);
  }

  private static String name(String filter, Value v) {
    if (v instanceof Text t) {
      return t.value();
    }
    throw new TemplateFault(filter + ": wants a name, got " + v.type());
  }
}
