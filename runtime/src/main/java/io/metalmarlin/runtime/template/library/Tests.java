package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Arguments;
import io.metalmarlin.runtime.template.value.Bool;
import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Callable;
import io.metalmarlin.runtime.template.value.Int;
import io.metalmarlin.runtime.template.value.Items;
import io.metalmarlin.runtime.template.value.Loop;
import io.metalmarlin.runtime.template.value.Mapping;
import io.metalmarlin.runtime.template.value.None;
import io.metalmarlin.runtime.template.value.Num;
import io.metalmarlin.runtime.template.value.Real;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Text;
import io.metalmarlin.runtime.template.value.Undefined;
import io.metalmarlin.runtime.template.value.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// Every test by name: what may stand behind `is`.
public final class Tests {
  private static final Map<String, Test> ALL = all();

  /// A test of a value.
  @FunctionalInterface
  private interface Test {
    boolean passes(Value value, Arguments arguments, Budget budget);
  }

  private Tests() {}

  private static Map<String, Test> all() {
    Map<String, Test> m = new HashMap<>();
    plain(m, "defined", v -> !(v instanceof Undefined));
    plain(m, "undefined", v -> v instanceof Undefined);
    plain(m, "none", v -> v instanceof None);
    plain(m, "boolean", v -> v instanceof Bool);
    plain(m, "true", v -> v instanceof Bool b && b.value());
    plain(m, "false", v -> v instanceof Bool b && !b.value());
    plain(m, "integer", v -> v instanceof Int);
    plain(m, "float", v -> v instanceof Real);
    plain(m, "number", v -> v instanceof Num);
    plain(m, "string", v -> v instanceof Text);
    plain(m, "mapping", v -> v instanceof Mapping);
    plain(m, "iterable", Walk::walkable);
    plain(m, "sequence", Tests::sequence);
    plain(m, "callable", v -> v instanceof Callable || v instanceof Loop || v instanceof Undefined);
    plain(m, "escaped", v -> v instanceof Text t && t.marked());
    plain(m, "odd", v -> remainder(v, new Int(2)).equals(new Int(1)));
    plain(m, "even", v -> remainder(v, new Int(2)).equals(new Int(0)));
    m.put("lower", (v, a, b) -> Cases.isLower(Display.str(v, b)));
    m.put("upper", (v, a, b) -> Cases.isUpper(Display.str(v, b)));
    other(m, "divisibleby", (v, o, b) -> remainder(v, o).equals(new Int(0)));
    other(m, "sameas", (v, o, b) -> same(v, o));
    other(m, "in", (v, o, b) -> Operators.contains(o, v, b));
    m.put("filter", (v, a, b) -> v instanceof Text t && Filters.names().contains(t.value()));
    m.put("test", (v, a, b) -> v instanceof Text t && names().contains(t.value()));
    compare(m, "==", "eq", "equalto", "==");
    compare(m, "!=", "ne", "!=");
    compare(m, "<", "lt", "lessthan", "<");
    compare(m, "<=", "le", "<=");
    compare(m, ">", "gt", "greaterthan", ">");
    compare(m, ">=", "ge", ">=");
    return Map.copyOf(m);
  }

  private static void plain(Map<String, Test> m, String name, Predicate<Value> p) {
    m.put(
        name,
        (v, a, b) -> {
          a.bind(name, List.of());
          return p.test(v);
        });
  }

  /// A comparison with one other value.
  @FunctionalInterface
  private interface Comparison {
    boolean holds(Value value, Value other, Budget budget);
  }

  private static void other(Map<String, Test> m, String name, Comparison c) {
    m.put(name, (v, a, b) -> c.holds(v, a.bind(name, List.of("other")).require(0), b));
  }

  private static void compare(Map<String, Test> m, String operator, String... names) {
    for (String name : names) {
      other(m, name, (v, o, b) -> Operators.compare(operator, v, o, b));
    }
  }

  private static Value remainder(Value v, Value by) {
    Operators.known(v);
    if (v instanceof Num a && by instanceof Num b) {
      return Arithmetic.of("%", a, b);
    }
    throw new TemplateFault("a remainder wants numbers, got " + v.type() + " and " + by.type());
  }

  private static boolean same(Value a, Value b) {
    return a == b
        || (a.getClass() == b.getClass()
            && !(a instanceof Items)
            && !(a instanceof Mapping)
            && a.equals(b));
  }

  private static boolean sequence(Value v) {
    return switch (v) {
      case Items i -> i.kind().indexed();
      case Text t -> true;
      case Mapping m -> true;
      case Undefined u -> true;
      default -> false;
    };
  }

  /// All names.
  public static Set<String> names() {
    return ALL.keySet();
  }

  /// `value is name(arguments)`.
  ///
  /// @throws TemplateFault for a test that does not exist, or that fails
  public static boolean apply(String name, Value value, Arguments arguments, Budget budget) {
    Test test = ALL.get(name);
    if (test == null) {
      throw new TemplateFault("there is no test '" + name + "'");
    }
    return test.passes(value, arguments, budget);
  }
}
