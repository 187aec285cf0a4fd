package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Bool;
import io.metalmarlin.runtime.template.value.Bound;
import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Items;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Text;
import io.metalmarlin.runtime.template.value.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// Methods of strings.
final class TextMethods {
  private static final List<String> CHARS = List.of("chars");
  private static final List<String> RANGE = List.of("sub", "start", "end");
  static final Map<String, Method> ALL = all();

  private TextMethods() {}

  private static Map<String, Method> all() {
    Map<String, Method> m = new HashMap<>();
    add(m, "strip", CHARS, (s, a, b) -> b.text(Strip.both(s, a.textOrNull(0))));
    add(m, "lstrip", CHARS, (s, a, b) -> b.text(Strip.left(s, a.textOrNull(0))));
    add(m, "rstrip", CHARS, (s, a, b) -> b.text(Strip.right(s, a.textOrNull(0))));
    add(m, "split", List.of("sep", "maxsplit"), (s, a, b) -> Splits.split(s, a, b));
    add(m, "rsplit", List.of("sep", "maxsplit"), (s, a, b) -> Splits.rsplit(s, a, b));
    add(m, "splitlines", List.of("keepends"), (s, a, b) -> Splits.lines(s, a.truth(0, false), b));
    add(m, "partition", List.of("sep"), (s, a, b) -> Splits.partition(s, a.text(0), b));
    add(m, "rpartition", List.of("sep"), (s, a, b) -> Splits.rpartition(s, a.text(0), b));
    add(m, "replace", List.of("old", "new", "count"), TextMethods::replace);
    add(m, "startswith", RANGE, (s, a, b) -> affix(s, a, b, true));
    add(m, "endswith", RANGE, (s, a, b) -> affix(s, a, b, false));
    add(m, "find", RANGE, (s, a, b) -> Finds.find(s, a, b, false));
    add(m, "rfind", RANGE, (s, a, b) -> Finds.find(s, a, b, true));
    add(m, "index", RANGE, (s, a, b) -> Finds.index(s, a, b, false));
    add(m, "rindex", RANGE, (s, a, b) -> Finds.index(s, a, b, true));
    add(m, "count", RANGE, (s, a, b) -> Finds.count(s, a, b));
    add(m, "join", List.of("iterable"), TextMethods::join);
    add(m, "removeprefix", List.of("prefix"), (s, a, b) -> removePrefix(s, a.text(0), b));
    add(m, "removesuffix", List.of("suffix"), (s, a, b) -> removeSuffix(s, a.text(0), b));
    add(m, "zfill", List.of("width"), (s, a, b) -> Pads.zeros(s, a.whole(0, 0), b));
    add(m, "ljust", List.of("width", "fillchar"), (s, a, b) -> Pads.pad(s, a, b, 1));
    add(m, "rjust", List.of("width", "fillchar"), (s, a, b) -> Pads.pad(s, a, b, -1));
    add(m, "center", List.of("width", "fillchar"), (s, a, b) -> Pads.pad(s, a, b, 0));
    map(m, "upper", Cases::upper);
    map(m, "lower", Cases::lower);
    map(m, "title", Cases::title);
    map(m, "capitalize", Cases::capitalize);
    map(m, "swapcase", Cases::swap);
    map(m, "casefold", Cases::fold);
    test(m, "isdigit", Cases::digits);
    test(m, "isdecimal", Cases::decimals);
    test(m, "isnumeric", Cases::numbers);
    test(m, "isalpha", Cases::letters);
    test(m, "isalnum", Cases::lettersOrDigits);
    test(m, "isspace", Cases::spaces);
    test(m, "isupper", Cases::isUpper);
    test(m, "islower", Cases::isLower);
    m.put("format", (self, a, b) -> b.text(BraceFormat.format(((Text) self).value(), a, b)));
    return Map.copyOf(m);
  }

  private static void add(
      Map<String, Method> m, String name, List<String> parameters, Method.Body<String> body) {
    m.put(
        name,
        Method.of(
            name,
            parameters,
            (self, a, b) -> {
              String s = ((Text) self).value();
              b.walk(s.length());
              return body.call(s, a, b);
            }));
  }

  private static void map(Map<String, Method> m, String name, UnaryOperator<String> f) {
    add(m, name, List.of(), (s, a, b) -> b.text(f.apply(s)));
  }

  private static void test(Map<String, Method> m, String name, Predicate<String> f) {
    add(m, name, List.of(), (s, a, b) -> Bool.of(!s.isEmpty() && f.test(s)));
  }

  private static Value replace(String s, Bound a, Budget b) {
    return b.text(replace(s, a.text(0), a.text(1), a.whole(2, -1), b));
  }

  /// Replaces the first `count` finds; all when it is negative.
  static String replace(String s, String from, String to, long count, Budget budget) {
    Operators.walkSearch(s, from, budget);
    long most = count < 0 ? Long.MAX_VALUE : count;
    StringBuilder out = new StringBuilder();
    int at = 0;
    long done = 0;
    while (done < most) {
      int hit = from.isEmpty() ? at : s.indexOf(from, at);
      if (hit < 0) {
        break;
      }
      budget.make(to.length());
      out.append(s, at, hit).append(to);
      done++;
      at = hit + from.length();
      if (from.isEmpty()) {
        if (at == s.length()) {
          return out.toString();
        }
        int next = s.offsetByCodePoints(at, 1);
        out.append(s, at, next);
        at = next;
      }
    }
    return out.append(s, at, s.length()).toString();
  }

  private static Value affix(String s, Bound a, Budget b, boolean start) {
    String part = Finds.range(s, a).text();
    List<Value> wanted =
        a.require(0) instanceof Items i && i.kind() == Items.Kind.TUPLE
            ? i.values()
            : List.of(new Text(a.text(0)));
    for (Value w : wanted) {
      if (!(w instanceof Text t)) {
        throw new TemplateFault("startswith() and endswith() want strings, got " + w.type());
      }
      b.walk(t.value().length());
      if (start ? part.startsWith(t.value()) : part.endsWith(t.value())) {
        return Bool.TRUE;
      }
    }
    return Bool.FALSE;
  }

  private static Value join(String s, Bound a, Budget b) {
    StringBuilder out = new StringBuilder();
    boolean first = true;
    for (Value v : Walk.of(a.require(0), b)) {
      if (!(v instanceof Text t)) {
        throw new TemplateFault("join() wants strings, got " + v.type());
      }
      b.make(s.length() + t.value().length());
      out.append(first ? "" : s).append(t.value());
      first = false;
    }
    return new Text(out.toString());
  }

  private static Value removePrefix(String s, String prefix, Budget b) {
    return b.text(s.startsWith(prefix) ? s.substring(prefix.length()) : s);
  }

  private static Value removeSuffix(String s, String suffix, Budget b) {
    return b.text(s.endsWith(suffix) ? s.substring(0, s.length() - suffix.length()) : s);
  }
}
