package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Bool;
import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Int;
import io.metalmarlin.runtime.template.value.Items;
import io.metalmarlin.runtime.template.value.Mapping;
import io.metalmarlin.runtime.template.value.Num;
import io.metalmarlin.runtime.template.value.Stream;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Text;
import io.metalmarlin.runtime.template.value.Undefined;
import io.metalmarlin.runtime.template.value.Value;
import java.util.ArrayList;
import java.util.List;

/// Operators between values.
public final class Operators {
  private Operators() {}

  /// `+ - * / // % **`.
  ///
  /// @throws TemplateFault for types that do not go together
  public static Value binary(String operator, Value a, Value b, Budget budget) {
    known(a);
    known(b);
    if (operator.equals("%") && a instanceof Text t) {
      return budget.text(PercentFormat.format(t.value(), b, budget));
    }
    if (a instanceof Num x && b instanceof Num y) {
      return Arithmetic.of(operator, x, y);
    }
    if (operator.equals("+")) {
      return add(a, b, budget);
    }
    if (operator.equals("*") && b instanceof Num n && n.whole()) {
      return repeat(a, n.integer(), budget);
    }
    if (operator.equals("*") && a instanceof Num n && n.whole()) {
      return repeat(b, n.integer(), budget);
    }
    throw mismatch(operator, a, b);
  }

  private static Value add(Value a, Value b, Budget budget) {
    if (a instanceof Text x && b instanceof Text y) {
      return Markup.plus(x, y, budget);
    }
    if (a instanceof Items x && b instanceof Items y && x.kind() == y.kind() && adds(x)) {
      budget.make((long) x.size() + y.size());
      List<Value> all = new ArrayList<>(x.size() + y.size());
      all.addAll(x.values());
      all.addAll(y.values());
      return budget.items(x.kind(), all);
    }
    throw mismatch("+", a, b);
  }

  private static boolean adds(Items i) {
    return i.kind() == Items.Kind.LIST || i.kind() == Items.Kind.TUPLE;
  }

  private static Value repeat(Value v, long times, Budget budget) {
    long n = Math.max(0, times);
    long size =
        switch (v) {
          case Text t -> t.value().length();
          case Items i when adds(i) -> i.size();
          default -> throw mismatch("*", v, new Int(n));
        };
    budget.make(size == 0 ? 0 : Math.multiplyHigh(size, n) != 0 ? Long.MAX_VALUE : size * n);
    if (v instanceof Text t) {
      return size == 0 ? Text.EMPTY : new Text(t.value().repeat((int) n), t.marked());
    }
    Items items = (Items) v;
    List<Value> all = new ArrayList<>();
    for (long i = 0; size > 0 && i < n; i++) {
      all.addAll(items.values());
    }
    return budget.items(items.kind(), all);
  }

  /// `-a` or `+a`.
  public static Value sign(String operator, Value a) {
    known(a);
    if (a instanceof Num n) {
      return operator.equals("-") ? Arithmetic.negate(n) : Arithmetic.plain(n);
    }
    throw new TemplateFault("'%s' does not go with %s".formatted(operator, a.type()));
  }

  /// Python's `==`.
  public static boolean equal(Value a, Value b, Budget budget) {
    budget.walk(Math.min(a.weight(), b.weight()));
    return a.equals(b);
  }

  /// A comparison with `== != < <= > >= in` or `not in`.
  ///
  /// @throws TemplateFault for types that have no order
  public static boolean compare(String operator, Value a, Value b, Budget budget) {
    return switch (operator) {
      case "==" -> equal(a, b, budget);
      case "!=" -> !equal(a, b, budget);
      case "in" -> contains(b, a, budget);
      case "not in" -> !contains(b, a, budget);
      default -> Order.compare(operator, a, b, budget);
    };
  }

  /// Python's `wanted in container`.
  static boolean contains(Value container, Value wanted, Budget budget) {
    switch (container) {
      case Text t -> {
        if (wanted instanceof Text w) {
          walkSearch(t.value(), w.value(), budget);
          return t.value().contains(w.value());
        }
        known(wanted);
        throw mismatch("in", wanted, container);
      }
      case Mapping m -> {
        return m.entries().containsKey(budget.key(wanted));
      }
      case Items i -> {
        return i.values().stream().anyMatch(v -> equal(v, wanted, budget));
      }
      case Stream s -> {
        while (!s.atEnd()) {
          if (equal(s.next(), wanted, budget)) {
            return true;
          }
        }
        return false;
      }
      case Undefined u -> {
        return false;
      }
      default -> throw mismatch("in", wanted, container);
    }
  }

  /// Counts a search, which may look at every pair of characters.
  static void walkSearch(String text, String wanted, Budget budget) {
    budget.walk((text.length() + 1L) * (1 + wanted.length() / 64));
  }

  static void known(Value v) {
    if (v instanceof Undefined u) {
      throw u.fault();
    }
  }

  static TemplateFault mismatch(String operator, Value a, Value b) {
    return new TemplateFault(
        "'%s' does not go with %s and %s".formatted(operator, a.type(), b.type()));
  }

  /// `not a`.
  public static Value not(Value a) {
    return Bool.of(!a.truthy());
  }
}
