package io.metalmarlin.runtime.template.library;

import io.metalmarlin.formats.json.PythonJson;
import io.metalmarlin.runtime.template.value.Bool;
import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Callable;
import io.metalmarlin.runtime.template.value.Chars;
import io.metalmarlin.runtime.template.value.Int;
import io.metalmarlin.runtime.template.value.Items;
import io.metalmarlin.runtime.template.value.Loop;
import io.metalmarlin.runtime.template.value.Mapping;
import io.metalmarlin.runtime.template.value.Namespace;
import io.metalmarlin.runtime.template.value.None;
import io.metalmarlin.runtime.template.value.Real;
import io.metalmarlin.runtime.template.value.Stream;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Text;
import io.metalmarlin.runtime.template.value.Undefined;
import io.metalmarlin.runtime.template.value.Value;

/// Python's `str` and `repr`.
public final class Display {
  private Display() {}

  /// `str(value)`; undefined is empty.
  ///
  /// @throws TemplateFault for values that Python shows as an address
  public static String str(Value value, Budget budget) {
    return switch (value) {
      case Text t -> t.value();
      case Undefined u -> "";
      default -> repr(value, budget);
    };
  }

  /// `repr(value)`.
  ///
  /// @throws TemplateFault as in [#str]
  public static String repr(Value value, Budget budget) {
    budget.make(value.weight());
    StringBuilder out = new StringBuilder();
    write(value, out);
    return out.toString();
  }

  private static void write(Value value, StringBuilder out) {
    switch (value) {
      case Text t -> quote(t.value(), out);
      case Bool b -> out.append(b.value() ? "True" : "False");
      case Int i -> out.append(i.integer());
      case Real r -> out.append(real(r.real()));
      case None n -> out.append("None");
      case Undefined u -> out.append("Undefined");
      case Items i -> items(i, out);
      case Mapping m -> mapping(m, out);
      case Namespace n -> throw unshown("a namespace", "print its attributes");
      case Stream s -> throw unshown("a " + s.type(), "add |list");
      case Callable c -> throw unshown(c.name(), "call it");
      case Loop l -> throw unshown("loop", "print its attributes");
    }
  }

  private static TemplateFault unshown(String what, String instead) {
    return new TemplateFault(what + " has no text; " + instead);
  }

  private static void items(Items items, StringBuilder out) {
    String open =
        switch (items.kind()) {
          case LIST -> "[";
          case TUPLE -> "(";
          case RANGE -> throw unshown("a range", "add |list");
          case KEYS, VALUES, ENTRIES -> items.type() + "([";
        };
    out.append(open);
    for (int i = 0; i < items.size(); i++) {
      out.append(i == 0 ? "" : ", ");
      write(items.values().get(i), out);
    }
    out.append(
        switch (items.kind()) {
          case LIST, RANGE -> "]";
          case TUPLE -> items.size() == 1 ? ",)" : ")";
          case KEYS, VALUES, ENTRIES -> "])";
        });
  }

  private static void mapping(Mapping m, StringBuilder out) {
    out.append('{');
    String comma = "";
    for (var e : m.entries().entrySet()) {
      out.append(comma);
      write(e.getKey(), out);
      out.append(": ");
      write(e.getValue(), out);
      comma = ", ";
    }
    out.append('}');
  }

  private static void quote(String text, StringBuilder out) {
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    out.append(quote);
    text.codePoints().forEach(c -> escape(c, quote, out));
    out.append(quote);
  }

  private static void escape(int c, char quote, StringBuilder out) {
    if (c == quote || c == '\\') {
      out.append('\\').append((char) c);
    } else if (c == '\n') {
      out.append("\\n");
    } else if (c == '\r') {
      out.append("\\r");
    } else if (c == '\t') {
      out.append("\\t");
    } else if (Chars.printable(c)) {
      out.appendCodePoint(c);
    } else {
      out.append(
          c < 0x100 ? "\\x%02x".formatted(c) : (c < 0x10000 ? "\\u%04x" : "\\U%08x").formatted(c));
    }
  }

  /// The shortest digits that give the same number, as Python lays them out.
  static String real(double d) {
    if (Double.isNaN(d)) {
      return "nan";
    }
    if (Double.isInfinite(d)) {
      return d > 0 ? "inf" : "-inf";
    }
    return PythonJson.repr(d);
  }
}
