package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Items;
import io.metalmarlin.runtime.template.value.Num;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Text;
import io.metalmarlin.runtime.template.value.Value;
import java.util.List;

/// Python's order of values: numbers, strings by code points, lists and tuples element by element.
final class Order {
  private Order() {}

  /// @param operator `< <= > >=`
  /// @throws TemplateFault for values without an order
  static boolean compare(String operator, Value a, Value b, Budget budget) {
    Operators.known(a);
    Operators.known(b);
    if (a instanceof Num x && b instanceof Num y && !(x.whole() && y.whole())) {
      return switch (operator) {
        case "<" -> x.real() < y.real();
        case "<=" -> x.real() <= y.real();
        case ">" -> x.real() > y.real();
        default -> x.real() >= y.real();
      };
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
      return x.whole() && y.whole()
          ? Long.compare(x.integer(), y.integer())
          : Double.compare(x.real(), y.real());
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
