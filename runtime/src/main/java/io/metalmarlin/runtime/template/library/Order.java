package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Items;
import io.metalmarlin.runtime.template.value.Num;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Text;
import io.metalmarlin.runtime.template.value.Value;
import java.math.BigDecimal;
import java.util.List;

/// Python's order of values: numbers, strings by code points, lists and tuples element by element.
final class Order {
  private Order() {}

  /// @param operator `< <= > >=`
  /// @throws TemplateFault for values without an order
  static boolean compare(String operator, Value a, Value b, Budget budget) {
    Operators.known(a);
    Operators.known(b);
    if (nan(a) && b instanceof Num || nan(b) && a instanceof Num) {
      return false;
    }
    int c = compare(a, b, operator, budget);
    return switch (operator) {
      case "<" -> c < 0;
      case "<=" -> c <= 0;
      case ">" -> c > 0;
      default -> c >= 0;
    };
  }

  /// Negative, zero or positive.
  static int compare(Value a, Value b, Budget budget) {
    return compare(a, b, "<", budget);
  }

  private static int compare(Value a, Value b, String operator, Budget budget) {
    Operators.known(a);
    Operators.known(b);
    budget.step();
    if (a instanceof Num x && b instanceof Num y) {
      return compare(x, y);
    }
    if (a instanceof Text x && b instanceof Text y) {
      budget.walk(Math.min(x.weight(), y.weight()));
      return compare(x.value(), y.value());
    }
    if (a instanceof Items x && b instanceof Items y && x.kind() == y.kind()) {
      return compare(x.values(), y.values(), operator, budget);
    }
    throw Operators.mismatch(operator, a, b);
  }

  private static boolean nan(Value v) {
    return v instanceof Num n && Double.isNaN(n.real());
  }

  /// Exact, so that it is an order; a number that is none is above all others.
  private static int compare(Num a, Num b) {
    if (a.whole() && b.whole()) {
      return Long.compare(a.integer(), b.integer());
    }
    if (a.real() != b.real() || Double.isInfinite(a.real())) {
      return Double.compare(a.real() + 0.0, b.real() + 0.0);
    }
    return exact(a).compareTo(exact(b));
  }

  private static BigDecimal exact(Num n) {
    return n.whole() ? BigDecimal.valueOf(n.integer()) : new BigDecimal(n.real());
  }

  private static int compare(List<Value> a, List<Value> b, String operator, Budget budget) {
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      if (!Operators.equal(a.get(i), b.get(i), budget)) {
        return compare(a.get(i), b.get(i), operator, budget);
      }
    }
    return Integer.compare(a.size(), b.size());
  }

  /// By code points: a surrogate stands for a character above all others.
  private static int compare(String a, String b) {
    for (int i = 0; i < Math.min(a.length(), b.length()); i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean highX = Character.isSurrogate(x);
        boolean highY = Character.isSurrogate(y);
        return highX == highY ? Character.compare(x, y) : highX ? 1 : -1;
      }
    }
    return Integer.compare(a.length(), b.length());
  }
}
