package io.metalmarlin.runtime.template.library;

import io.metalmarlin.formats.json.PythonJson;
import io.metalmarlin.runtime.template.value.Bool;
import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Int;
import io.metalmarlin.runtime.template.value.Items;
import io.metalmarlin.runtime.template.value.Mapping;
import io.metalmarlin.runtime.template.value.None;
import io.metalmarlin.runtime.template.value.Real;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Text;
import io.metalmarlin.runtime.template.value.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// JSON as Python's `json.dumps` writes it.
final class JsonText {
  private final boolean ascii;
  private final @Nullable String indent;
  private final String comma;
  private final String colon;
  private final boolean sorted;
  private final Budget budget;
  private final StringBuilder out = new StringBuilder();

  /// @param indent of one level; null writes one line
  JsonText(
      boolean ascii,
      @Nullable String indent,
      String comma,
      String colon,
      boolean sorted,
      Budget budget) {
    this.ascii = ascii;
    this.indent = indent;
    this.comma = comma;
    this.colon = colon;
    this.sorted = sorted;
    this.budget = budget;
  }

  /// @throws TemplateFault for what JSON has no place for
  String write(Value value) {
    budget.make(value.weight());
    write(value, 0);
    return out.toString();
  }

  private void write(Value value, int level) {
    switch (value) {
      case Text t -> PythonJson.quote(t.value(), ascii, out);
      case Bool b -> out.append(b.value());
      case Int i -> out.append(i.integer());
      case Real r -> out.append(real(r.real()));
      case None n -> out.append("null");
      case Items i when i.kind() == Items.Kind.LIST || i.kind() == Items.Kind.TUPLE -> {
        List<Value> all = i.values();
        out.append('[');
        for (int j = 0; j < all.size(); j++) {
          separate(j, level + 1);
          write(all.get(j), level + 1);
        }
        close(all.size(), level, ']');
      }
      case Mapping m -> object(m, level);
      default ->
          throw new TemplateFault("tojson: a " + value.type() + " cannot be written as JSON");
    }
  }

  private void object(Mapping m, int level) {
    List<Map.Entry<Value, Value>> entries = new ArrayList<>(m.entries().entrySet());
    if (sorted) {
      entries.sort((a, b) -> Order.compare(a.getKey(), b.getKey(), budget));
    }
    out.append('{');
    for (int j = 0; j < entries.size(); j++) {
      separate(j, level + 1);
      PythonJson.quote(key(entries.get(j).getKey()), ascii, out);
      out.append(colon);
      write(entries.get(j).getValue(), level + 1);
    }
    close(entries.size(), level, '}');
  }

  private static String key(Value key) {
    return switch (key) {
      case Text t -> t.value();
      case Bool b -> Boolean.toString(b.value());
      case Int i -> Long.toString(i.integer());
      case Real r -> real(r.real());
      case None n -> "null";
      default -> throw new TemplateFault("tojson: a " + key.type() + " cannot be a key");
    };
  }

  private static String real(double d) {
    return Double.isNaN(d)
        ? "NaN"
        : Double.isInfinite(d) ? (d > 0 ? "" : "-") + "Infinity" : Display.real(d);
  }

  private void separate(int index, int level) {
    if (index > 0) {
      out.append(comma);
    }
    line(level);
  }

  private void close(int size, int level, char bracket) {
    if (size > 0) {
      line(level);
    }
    out.append(bracket);
  }

  private void line(int level) {
    if (indent != null) {
      budget.make(1 + (long) level * indent.length());
      out.append('\n').repeat(indent, level);
    }
  }
}
