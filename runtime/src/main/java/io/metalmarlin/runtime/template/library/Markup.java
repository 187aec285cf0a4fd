package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Text;
import io.metalmarlin.runtime.template.value.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Text that counts as escaped. Nothing is escaped in a template by itself, but what `+` puts to
/// such a text is: a published template whose words are marked `safe` escapes its tools that way.
final class Markup {
  private Markup() {}

  static Map<String, Method> filters() {
    Map<String, Method> m = new HashMap<>();
    add(m, "string", (self, a, b) -> self instanceof Text t ? t : b.text(Display.str(self, b)));
    add(m, "safe", (self, a, b) -> marked(Display.str(self, b), b));
    add(
        m,
        "escape",
        (self, a, b) -> {
          Text text = self instanceof Text t ? t : new Text(Display.str(self, b));
          return marked(escaped(text, b), b);
        });
    add(m, "forceescape", (self, a, b) -> marked(escaped(new Text(Display.str(self, b)), b), b));
    m.put("e", m.get("escape"));
    return m;
  }

  private static void add(Map<String, Method> m, String name, Method.Body<Value> body) {
    m.put(name, Method.of(name, List.of(), body));
  }

  /// `a + b`.
  static Text plus(Text a, Text b, Budget budget) {
    boolean marked = a.marked() || b.marked();
    String x = marked ? escaped(a, budget) : a.value();
    String y = marked ? escaped(b, budget) : b.value();
    budget.make((long) x.length() + y.length());
    return new Text(x + y, marked);
  }

  private static Text marked(String text, Budget budget) {
    return new Text(budget.text(text).value(), true);
  }

  private static String escaped(Text text, Budget budget) {
    String s = text.value();
    if (text.marked()) {
      return s;
    }
    budget.walk(s.length());
    return s.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("'", "&#39;")
        .replace("\"", "&#34;");
  }
}
