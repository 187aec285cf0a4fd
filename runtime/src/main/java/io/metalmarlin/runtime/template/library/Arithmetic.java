package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Bool;
import io.metalmarlin.runtime.template.value.Int;
import io.metalmarlin.runtime.template.value.Num;
import io.metalmarlin.runtime.template.value.Real;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Value;

/// Python's arithmetic: `/` always gives a float, `//` and `%` round down.
final class Arithmetic {
  private Arithmetic() {}

  /// @throws TemplateFault for a division by zero and beyond 64 bits
  static Value of(String operator, Num a, Num b) {
    boolean divides = operator.equals("/") || operator.equals("//") || operator.equals("%");
    if (divides && b.real() == 0) {
      throw new TemplateFault("division by zero");
    }
    try {
      return a.whole() && b.whole() && !operator.equals("/")
          ? whole(operator, a.integer(), b.integer())
          : new Real(real(operator, a.real(), b.real()));
    } catch (ArithmeticException e) {
      throw new TemplateFault("the result of '" + operator + "' has more than 64 bits");
    }
  }

  private static Value whole(String operator, long a, long b) {
    return switch (operator) {
      case "+" -> new Int(Math.addExact(a, b));
      case "-" -> new Int(Math.subtractExact(a, b));
      case "*" -> new Int(Math.multiplyExact(a, b));
      case "//" -> new Int(Math.floorDivExact(a, b));
      case "%" -> new Int(Math.floorMod(a, b));
      case "**" -> b < 0 ? new Real(real("**", a, b)) : new Int(power(a, b));
      default -> throw new IllegalArgumentException(operator);
    };
  }

  private static long power(long base, long exponent) {
    long result = 1;
    for (long e = exponent; e > 0; e >>= 1) {
      if ((e & 1) == 1) {
        result = Math.multiplyExact(result, base);
      }
      if (e > 1) {
        base = base == 1 || base == 0 || base == -1 ? base * base : Math.multiplyExact(base, base);
      }
    }
    return result;
  }

  private static double real(String operator, double a, double b) {
    return switch (operator) {
      case "+" -> a + b;
      case "-" -> a - b;
      case "*" -> a * b;
      case "/" -> a / b;
      case "//" -> floorDivision(a, b);
      case "%" -> modulo(a, b);
      case "**" -> power(a, b);
      default -> throw new IllegalArgumentException(operator);
    };
  }

  /// As CPython's `float_divmod`: a result of zero has the sign of the quotient.
  private static double floorDivision(double a, double b) {
    double rest = a % b;
    double quotient = (a - rest) / b;
    if (rest != 0 && rest < 0 != b < 0) {
      quotient -= 1;
    }
    if (quotient == 0) {
      return Math.copySign(0.0, a / b);
    }
    double whole = Math.floor(quotient);
    return quotient - whole > 0.5 ? whole + 1 : whole;
  }

  private static double modulo(double a, double b) {
    double m = a % b;
    return m != 0 && (m < 0) != (b < 0) ? m + b : m == 0 ? Math.copySign(0.0, b) : m;
  }

  private static double power(double a, double b) {
    if (a == 0 && b < 0) {
      throw new TemplateFault("0 cannot be raised to a negative power");
    }
    double p = Math.pow(a, b);
    if (Double.isNaN(p) && !Double.isNaN(a) && !Double.isNaN(b)) {
      throw new TemplateFault("a negative number has no such power");
    }
    if (Double.isInfinite(p) && Double.isFinite(a) && Double.isFinite(b)) {
      throw new TemplateFault("the result of '**' is too large");
    }
    return p;
  }

  static Value negate(Num n) {
    if (!n.whole()) {
      return new Real(-n.real());
    }
    if (n.integer() == Long.MIN_VALUE) {
      throw new TemplateFault("the result of '-' has more than 64 bits");
    }
    return new Int(-n.integer());
  }

  /// A truth value becomes a number.
  static Value plain(Num n) {
    return n instanceof Bool ? new Int(n.integer()) : n;
  }
}
