package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Arguments;
import io.metalmarlin.runtime.template.value.Bound;
import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Callable;
import io.metalmarlin.runtime.template.value.Int;
import io.metalmarlin.runtime.template.value.Items;
import io.metalmarlin.runtime.template.value.Mapping;
import io.metalmarlin.runtime.template.value.Namespace;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Text;
import io.metalmarlin.runtime.template.value.Value;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// The functions every template has.
public final class Functions {
  private static final int LONGEST_RANGE = 100_000;

  private Functions() {}

  /// @param now what `strftime_now` shows
  public static Map<String, Value> all(ZonedDateTime now) {
    Map<String, Value> m = new HashMap<>();
    add(m, "range", (a, b) -> range(a, b));
    add(m, "dict", (a, b) -> b.mapping(entries("dict", a, b)));
    add(m, "namespace", Functions::namespace);
    add(m, "joiner", Functions::joiner);
    add(
        m,
        "raise_exception",
        (a, b) -> {
          Value message = a.bind("raise_exception", List.of("message")).require(0);
          throw new TemplateFault(TemplateFault.Kind.RAISED, Display.str(message, b));
        });
    add(
        m,
        "strftime_now",
        (a, b) ->
            b.text(Strftime.format(a.bind("strftime_now", List.of("format")).text(0), now, b)));
    return Map.copyOf(m);
  }

  private static void add(Map<String, Value> m, String name, Callable.Body body) {
    m.put(name, new Callable(name, body));
  }

  private static Value range(Arguments arguments, Budget budget) {
    int n = arguments.positional().size();
    Bound a = arguments.bind("range", List.of("start", "stop", "step"));
    a.require(0);
    long first = n == 1 ? 0 : a.whole(0, 0);
    long end = a.whole(n == 1 ? 0 : 1, 0);
    long step = a.whole(2, 1);
    if (step == 0) {
      throw new TemplateFault("range(): the step cannot be 0");
    }
    List<Value> out = new ArrayList<>();
    for (long i = first; step > 0 ? i < end : i > end; i = Math.addExact(i, step)) {
      if (out.size() == LONGEST_RANGE) {
        throw Budget.limit("a range of more than " + LONGEST_RANGE + " numbers");
      }
      budget.make(1);
      out.add(new Int(i));
      if (Math.abs((double) i + step) >= 0x1p63) {
        break;
      }
    }
    return budget.items(Items.Kind.RANGE, out);
  }

  private static SequencedMap<Value, Value> entries(String name, Arguments a, Budget b) {
    SequencedMap<Value, Value> out = new LinkedHashMap<>();
    if (a.positional().size() > 1) {
      throw new TemplateFault(name + "() takes at most one argument without a name");
    }
    for (Value v : a.positional()) {
      if (v instanceof Mapping m) {
        out.putAll(m.entries());
      } else {
        for (Value pair : Walk.of(v, b)) {
          List<Value> two = Walk.of(pair, b);
          if (two.size() != 2) {
            throw new TemplateFault(name + "() wants pairs");
          }
          out.put(b.key(two.get(0)), two.get(1));
        }
      }
    }
    a.named().forEach((k, v) -> out.put(new Text(k), v));
    return out;
  }

  private static Value namespace(Arguments a, Budget b) {
    Namespace ns = new Namespace();
    entries("namespace", a, b).forEach((k, v) -> ns.set(Display.str(k, b), v));
    return ns;
  }

  /// A function that gives nothing the first time and its separator from then on.
  private static Value joiner(Arguments a, Budget b) {
    Value separator = a.bind("joiner", List.of("sep")).or(0, new Text(", "));
    boolean[] used = new boolean[1];
    return new Callable(
        "joiner",
        (none, budget) -> {
          Value now = used[0] ? separator : Text.EMPTY;
          used[0] = true;
          return now;
        });
  }
}
