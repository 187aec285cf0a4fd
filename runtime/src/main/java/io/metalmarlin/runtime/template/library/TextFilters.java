package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Arguments;
import io.metalmarlin.runtime.template.value.Bound;
import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Int;
import io.metalmarlin.runtime.template.value.Items;
import io.metalmarlin.runtime.template.value.Mapping;
import io.metalmarlin.runtime.template.value.None;
import io.metalmarlin.runtime.template.value.Num;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Text;
import io.metalmarlin.runtime.template.value.Value;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Filters that make text of anything. Nothing is escaped unless asked for ([Markup]).
final class TextFilters {
  private TextFilters() {}

  static Map<String, Method> all() {
    Map<String, Method> m = new HashMap<>();
    map(m, "upper", Cases::upper);
    map(m, "lower", Cases::lower);
    map(m, "capitalize", Cases::capitalize);
    map(m, "title", Cases::titleWords);
    m.put("urlencode", Method.of("urlencode", List.of(), TextFilters::urlencode));
    add(m, "trim", List.of("chars"), (s, a, b) -> b.text(Strip.both(s, a.textOrNull(0))));
    add(m, "wordcount", List.of(), (s, a, b) -> new Int(words(s)));
    add(m, "center", List.of("width"), TextFilters::center);
    add(m, "truncate", List.of("length", "killwords", "end", "leeway"), TextFilters::truncate);
    add(m, "replace", List.of("old", "new", "count"), TextFilters::replace);
    m.put(
        "indent",
        Method.of(
            "indent",
            List.of("width", "first", "blank"),
            (self, a, b) -> {
              Operators.known(self);
              return indent(Display.str(self, b), a, b);
            }));
    m.put(
        "format",
        (self, a, b) -> b.text(PercentFormat.format(Display.str(self, b), values(a, b), b)));
    m.put(
        "tojson",
        Method.of(
            "tojson",
            List.of("ensure_ascii", "indent", "separators", "sort_keys"),
            TextFilters::json));
    return m;
  }

  private static void add(
      Map<String, Method> m, String name, List<String> parameters, Method.Body<String> body) {
    m.put(
        name,
        Method.of(
            name,
            parameters,
            (self, a, b) -> {
              String s = Display.str(self, b);
              b.walk(s.length());
              return body.call(s, a, b);
            }));
  }

  private static void map(Map<String, Method> m, String name, UnaryOperator<String> f) {
    add(m, name, List.of(), (s, a, b) -> b.text(f.apply(s)));
  }

  private static Value values(Arguments a, Budget b) {
    if (a.named().isEmpty()) {
      return b.items(Items.Kind.TUPLE, a.positional());
    }
    if (!a.positional().isEmpty()) {
      throw new TemplateFault("format: takes values with names or without, not both");
    }
    SequencedMap<Value, Value> entries = new LinkedHashMap<>();
    a.named().forEach((k, v) -> entries.put(new Text(k), v));
    return b.mapping(entries);
  }

  private static Value urlencode(Value self, Bound a, Budget b) {
    if (self instanceof Mapping || self instanceof Items) {
      throw new TemplateFault("urlencode: wants a string, got " + self.type());
    }
    String s = Display.str(self, b);
    b.make(3L * s.length());
    return b.text(
        URLEncoder.encode(s, StandardCharsets.UTF_8)
            .replace("+", "%20")
            .replace("*", "%2A")
            .replace("%2F", "/")
            .replace("%7E", "~"));
  }

  private static long words(String s) {
    long n = 0;
    boolean inside = false;
    for (int c : s.codePoints().toArray()) {
      boolean word = Cases.letterOrDigit(c) || c == '_';
      n += word && !inside ? 1 : 0;
      inside = word;
    }
    return n;
  }

  private static Value center(String s, Bound a, Budget b) {
    return b.text(Pads.pad(s, a.whole(0, 80), " ", 0, b));
  }

  private static Value truncate(String s, Bound a, Budget b) {
    long length = a.whole(0, 255);
    String end = a.get(2) == null ? "..." : a.text(2);
    int size = s.codePointCount(0, s.length());
    if (length < end.length()) {
      throw new TemplateFault("truncate: the length is shorter than the end");
    }
    if (size <= length + a.whole(3, 5)) {
      return new Text(s);
    }
    String kept = s.substring(0, s.offsetByCodePoints(0, (int) length - end.length()));
    int space = a.truth(1, false) ? -1 : kept.lastIndexOf(' ');
    return b.text((space < 0 ? kept : kept.substring(0, space)) + end);
  }

  private static Value replace(String s, Bound a, Budget b) {
    String from = Display.str(a.require(0), b);
    String to = Display.str(a.require(1), b);
    long count = a.get(2) instanceof None ? -1 : a.whole(2, -1);
    return b.text(TextMethods.replace(s, from, to, count, b));
  }

  private static Value indent(String s, Bound a, Budget b) {
    String margin = margin(a.get(0), b);
    boolean blank = a.truth(2, false);
    List<String> lines = Splits.lines(s + "\n", false);
    StringBuilder out = new StringBuilder(a.truth(1, false) ? margin : "");
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (i > 0) {
        b.make(1L + margin.length());
        out.append('\n').append(blank || !line.isEmpty() ? margin : "");
      }
      out.append(line);
    }
    return b.text(out.toString());
  }

  private static String margin(@Nullable Value width, Budget b) {
    if (width instanceof Text t) {
      return t.value();
    }
    long n = width == null ? 4 : whole(width);
    b.make(Math.max(0, n));
    return " ".repeat((int) Math.max(0, n));
  }

  private static long whole(Value v) {
    if (v instanceof Num n && n.whole()) {
      return n.integer();
    }
    throw new TemplateFault("a width is a whole number or a string, got " + v.type());
  }

  private static Value json(Value self, Bound a, Budget b) {
    Value indent = a.or(1, None.NONE);
    String comma = indent instanceof None ? ", " : ",";
    String colon = ": ";
    Value separators = a.or(2, None.NONE);
    if (separators instanceof Items i
        && i.size() == 2
        && i.values().get(0) instanceof Text x
        && i.values().get(1) instanceof Text y) {
      comma = x.value();
      colon = y.value();
    } else if (!(separators instanceof None)) {
      throw new TemplateFault("tojson: separators are two strings");
    }
    String margin = indent instanceof None ? null : margin(indent, b);
    return b.text(
        new JsonText(a.truth(0, false), margin, comma, colon, a.truth(3, false), b).write(self));
  }
}
