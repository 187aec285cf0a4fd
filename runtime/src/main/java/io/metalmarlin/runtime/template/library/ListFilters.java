package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Bound;
import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Int;
import io.metalmarlin.runtime.template.value.Mapping;
import io.metalmarlin.runtime.template.value.None;
import io.metalmarlin.runtime.template.value.Stream;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Text;
import io.metalmarlin.runtime.template.value.Undefined;
import io.metalmarlin.runtime.template.value.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Filters of elements in their order.
final class ListFilters {
  private ListFilters() {}

  static Map<String, Method> all() {
    Map<String, Method> m = new HashMap<>();
    add(m, "length", List.of(), (v, a, b) -> new Int(Walk.size(v, b)));
    add(m, "list", List.of(), (v, a, b) -> b.list(Walk.of(v, b)));
    add(m, "first", List.of(), (v, a, b) -> first(v, b));
    add(m, "last", List.of(), (v, a, b) -> last(v, b));
    add(m, "reverse", List.of(), (v, a, b) -> reverse(v, b));
    add(m, "items", List.of(), (v, a, b) -> items(v, b));
    add(m, "join", List.of("d", "attribute"), ListFilters::join);
    add(m, "default", List.of("default_value", "boolean"), ListFilters::otherwise);
    add(m, "batch", List.of("linecount", "fill_with"), ListFilters::batch);
    add(m, "slice", List.of("slices", "fill_with"), ListFilters::slice);
    add(m, "sum", List.of("attribute", "start"), ListFilters::sum);
    add(m, "attr", List.of("name"), (v, a, b) -> Access.attributeOnly(v, a.text(0)));
    return m;
  }

  private static void add(
      Map<String, Method> m, String name, List<String> parameters, Method.Body<Value> body) {
    m.put(name, Method.of(name, parameters, body));
  }

  private static Value first(Value v, Budget b) {
    if (v instanceof Stream s) {
      return s.atEnd() ? none() : s.next();
    }
    if (v instanceof Text t) {
      return t.value().isEmpty() ? none() : new Text(Character.toString(t.value().codePointAt(0)));
    }
    List<Value> all = Walk.of(v, b);
    return all.isEmpty() ? none() : all.getFirst();
  }

  private static Value last(Value v, Budget b) {
    if (v instanceof Stream) {
      throw new TemplateFault("last: a generator has no end; add |list");
    }
    List<Value> all = Walk.of(v, b);
    return all.isEmpty() ? none() : all.getLast();
  }

  private static Undefined none() {
    return new Undefined("the sequence is empty");
  }

  private static Value reverse(Value v, Budget b) {
    if (v instanceof Text t) {
      b.make(t.value().length());
      return new Text(new StringBuilder(t.value()).reverse().toString());
    }
    List<Value> all = Walk.of(v, b);
    return b.stream(all.reversed());
  }

  private static Value items(Value v, Budget b) {
    return switch (v) {
      case Undefined u -> b.stream(List.of());
      case Mapping m -> b.stream(Dictionaries.pairs(m, b));
      default -> throw new TemplateFault("items: wants a dictionary, got " + v.type());
    };
  }

  private static Value join(Value v, Bound a, Budget b) {
    String separator = a.get(0) == null ? "" : Display.str(a.require(0), b);
    StringBuilder out = new StringBuilder();
    boolean first = true;
    for (Value element : Walk.of(v, b)) {
      String s = Display.str(attribute(element, a, 1, b), b);
      b.make((first ? 0L : separator.length()) + s.length());
      out.append(first ? "" : separator).append(s);
      first = false;
    }
    return new Text(out.toString());
  }

  private static Value attribute(Value element, Bound a, int i, Budget b) {
    Value attribute = a.get(i) instanceof None ? null : a.get(i);
    return Attributes.of(element, attribute, null, b);
  }

  private static Value otherwise(Value v, Bound a, Budget b) {
    boolean replaced = v instanceof Undefined || (a.truth(1, false) && !v.truthy());
    return replaced ? a.or(0, Text.EMPTY) : v;
  }

  private static Value batch(Value v, Bound a, Budget b) {
    long size = a.whole(0, 0);
    if (size <= 0) {
      throw new TemplateFault("batch: wants a size above 0");
    }
    List<Value> out = new ArrayList<>();
    List<Value> all = Walk.of(v, b);
    for (long at = 0; at < all.size(); at += size) {
      List<Value> row =
          new ArrayList<>(all.subList((int) at, (int) Math.min(all.size(), at + size)));
      fill(row, size, a.or(1, None.NONE), b);
      out.add(b.list(row));
    }
    return b.stream(out);
  }

  private static void fill(List<Value> row, long size, Value with, Budget b) {
    if (!(with instanceof None) && row.size() < size) {
      b.make(size - row.size());
      while (row.size() < size) {
        row.add(with);
      }
    }
  }

  private static Value slice(Value v, Bound a, Budget b) {
    List<Value> all = Walk.of(v, b);
    long count = a.whole(0, 0);
    if (count <= 0) {
      throw new TemplateFault("slice: wants a number of slices above 0");
    }
    b.make(count);
    Value with = a.or(1, None.NONE);
    List<Value> out = new ArrayList<>();
    long each = all.size() / count;
    long longer = all.size() % count;
    int at = 0;
    for (long i = 0; i < count; i++) {
      int size = (int) (each + (i < longer ? 1 : 0));
      List<Value> part = new ArrayList<>(all.subList(at, at + size));
      at += size;
      if (i >= longer && !(with instanceof None)) {
        part.add(with);
      }
      out.add(b.list(part));
    }
    return b.stream(out);
  }

  private static Value sum(Value v, Bound a, Budget b) {
    Value total = a.or(1, new Int(0));
    if (total instanceof Text) {
      throw new TemplateFault("sum: strings are joined, not added");
    }
    for (Value element : Walk.of(v, b)) {
      total = Operators.binary("+", total, attribute(element, a, 0, b), b);
    }
    return total;
  }
}
