package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Bound;
import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Items;
import io.metalmarlin.runtime.template.value.Mapping;
import io.metalmarlin.runtime.template.value.None;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Text;
import io.metalmarlin.runtime.template.value.Undefined;
import io.metalmarlin.runtime.template.value.Value;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Filters that compare elements. Strings are compared without regard to case unless asked
/// otherwise; equal elements keep their order.
final class OrderFilters {
  private record Keyed(Value key, Value element) {}

  private static final List<String> GROUP = List.of("grouper", "list");

  private OrderFilters() {}

  static Map<String, Method> all() {
    Map<String, Method> m = new HashMap<>();
    add(m, "sort", List.of("reverse", "case_sensitive", "attribute"), OrderFilters::sort);
    add(m, "unique", List.of("case_sensitive", "attribute"), OrderFilters::unique);
    add(m, "min", List.of("case_sensitive", "attribute"), (v, a, b) -> extreme(v, a, b, -1));
    add(m, "max", List.of("case_sensitive", "attribute"), (v, a, b) -> extreme(v, a, b, 1));
    add(m, "dictsort", List.of("case_sensitive", "by", "reverse"), OrderFilters::dictsort);
    add(m, "groupby", List.of("attribute", "default", "case_sensitive"), OrderFilters::groupby);
    return m;
  }

  private static void add(
      Map<String, Method> m, String name, List<String> parameters, Method.Body<Value> body) {
    m.put(name, Method.of(name, parameters, body));
  }

  private static @Nullable Value attribute(Bound a, int i) {
    return a.get(i) instanceof None ? null : a.get(i);
  }

  private static Value key(Value element, @Nullable Value attribute, boolean cased, Budget b) {
    if (attribute instanceof Text t && t.value().indexOf(',') >= 0) {
      List<Value> keys = new ArrayList<>();
      for (String one : t.value().split(",", -1)) {
        keys.add(key(element, new Text(one), cased, b));
      }
      return b.list(keys);
    }
    return Attributes.folded(Attributes.of(element, attribute, null, b), cased, b);
  }

  private static List<Keyed> sorted(List<Keyed> all, boolean reverse, Budget b) {
    Comparator<Keyed> order = (x, y) -> Order.compare(x.key(), y.key(), b);
    List<Keyed> out = new ArrayList<>(all);
    out.sort(reverse ? order.reversed() : order);
    return out;
  }

  /// By lists of one key, as Jinja does it: equal keys need no order, whatever they are.
  private static Value sort(Value v, Bound a, Budget b) {
    List<Keyed> all = new ArrayList<>();
    for (Value e : Walk.of(v, b)) {
      Value key = key(e, attribute(a, 2), a.truth(1, false), b);
      all.add(new Keyed(b.list(List.of(key)), e));
    }
    return b.list(sorted(all, a.truth(0, false), b).stream().map(Keyed::element).toList());
  }

  private static Value unique(Value v, Bound a, Budget b) {
    Set<Value> seen = new HashSet<>();
    List<Value> out = new ArrayList<>();
    for (Value e : Walk.of(v, b)) {
      if (seen.add(b.key(key(e, attribute(a, 1), a.truth(0, false), b)))) {
        out.add(e);
      }
    }
    return b.stream(out);
  }

  private static Value extreme(Value v, Bound a, Budget b, int sign) {
    Keyed best = null;
    for (Value e : Walk.of(v, b)) {
      Keyed k = new Keyed(key(e, attribute(a, 1), a.truth(0, false), b), e);
      if (best == null || Order.compare(k.key(), best.key(), b) * sign > 0) {
        best = k;
      }
    }
    return best == null ? new Undefined("the sequence is empty") : best.element();
  }

  private static Value dictsort(Value v, Bound a, Budget b) {
    if (!(v instanceof Mapping m)) {
      throw new TemplateFault("dictsort: wants a dictionary, got " + v.type());
    }
    String by = a.get(1) == null ? "key" : a.text(1);
    if (!by.equals("key") && !by.equals("value")) {
      throw new TemplateFault("dictsort: sorts by key or by value");
    }
    List<Keyed> all = new ArrayList<>();
    m.entries()
        .forEach((k, e) -> {
          Value key = Attributes.folded(by.equals("key") ? k : e, a.truth(0, false), b);
          all.add(new Keyed(key, b.tuple(k, e)));
        });
    return b.list(sorted(all, a.truth(2, false), b).stream().map(Keyed::element).toList());
  }

  private static Value groupby(Value v, Bound a, Budget b) {
    Value attribute = a.require(0);
    Value otherwise = a.get(1) instanceof None ? null : a.get(1);
    boolean cased = a.truth(2, false);
    List<Keyed> all = new ArrayList<>();
    for (Value e : Walk.of(v, b)) {
      Value key = Attributes.of(e, attribute, otherwise, b);
      all.add(new Keyed(Attributes.folded(key, cased, b), e));
    }
    List<Value> groups = new ArrayList<>();
    List<Value> group = new ArrayList<>();
    Keyed previous = null;
    for (Keyed k : sorted(all, false, b)) {
      if (previous != null && !Operators.equal(previous.key(), k.key(), b)) {
        groups.add(group(group, attribute, otherwise, b));
        group.clear();
      }
      group.add(k.element());
      previous = k;
    }
    if (!group.isEmpty()) {
      groups.add(group(group, attribute, otherwise, b));
    }
    return b.list(groups);
  }

  private static Items group(
      List<Value> group, Value attribute, @Nullable Value otherwise, Budget b) {
    return b.named(GROUP, Attributes.of(group.getFirst(), attribute, otherwise, b), b.list(group));
  }
}
