package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Bound;
import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Int;
import io.metalmarlin.runtime.template.value.Num;
import io.metalmarlin.runtime.template.value.Real;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Text;
import io.metalmarlin.runtime.template.value.Value;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Filters that make numbers.
final class NumberFilters {
  private static final Pattern WHOLE = Pattern.compile("[-+]?[0-9A-Za-z]++(?:_[0-9A-Za-z]++)*+");
  private static final String DIGITS = "\\d++(?:_\\d++)*+";
  private static final Pattern REAL =
      Pattern.compile("[-+]?(?:D\\.?(?:D)?|\\.D)(?:[eE][-+]?D)?".replace("D", DIGITS));

  private NumberFilters() {}

  static Map<String, Method> all() {
    return Map.of(
        "int", Method.of("int", List.of("default", "base"), NumberFilters::whole),
        "float", Method.of("float", List.of("default"), NumberFilters::real),
        "abs", Method.of("abs", List.of(), NumberFilters::abs),
        "round", Method.of("round", List.of("precision", "method"), NumberFilters::round));
  }

  private static Value whole(Value self, Bound a, Budget b) {
    Operators.known(self);
    if (self instanceof Num n && n.whole()) {
      return new Int(n.integer());
    }
    if (self instanceof Text t) {
      b.walk(t.value().length());
      Int parsed = parse(ascii(Strip.both(t.value(), null)), (int) a.whole(1, 10));
      if (parsed != null) {
        return parsed;
      }
    }
    Double d = number(self);
    if (d == null || Double.isNaN(d) || Double.isInfinite(d)) {
      return a.or(0, new Int(0));
    }
    if (Math.abs(d) >= 0x1p63) {
      throw new TemplateFault("int: " + d + " has more than 64 bits");
    }
    return new Int((long) (double) d);
  }

  /// The same with the decimal digits of every script written as those of ASCII.
  private static String ascii(String text) {
    return text.codePoints()
        .map(c -> Character.isDigit(c) ? '0' + Character.digit(c, 10) : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static @Nullable Int parse(String text, int base) {
    if (base == 0) {
      throw new TemplateFault("int: the base is 2 to 36");
    }
    if (!WHOLE.matcher(text).matches() || base < 2 || base > 36) {
      return null;
    }
    String s = text.replace("_", "");
    boolean negative = s.startsWith("-");
    String digits = negative || s.startsWith("+") ? s.substring(1) : s;
    String prefix = base == 16 ? "0x" : base == 8 ? "0o" : base == 2 ? "0b" : "";
    if (!prefix.isEmpty() && Cases.lower(digits).startsWith(prefix)) {
      digits = digits.substring(2);
    }
    if (digits.isEmpty() || !digits.chars().allMatch(c -> Character.digit(c, base) >= 0)) {
      return null;
    }
    try {
      return new Int(Long.parseLong(negative ? "-" + digits : digits, base));
    } catch (NumberFormatException e) {
      throw new TemplateFault("int: the number has more than 64 bits");
    }
  }

  private static Value real(Value self, Bound a, Budget b) {
    Operators.known(self);
    b.walk(self.weight());
    Double d = number(self);
    return d == null ? a.or(0, new Real(0)) : new Real(d);
  }

  private static @Nullable Double number(Value v) {
    if (v instanceof Num n) {
      return n.real();
    }
    if (!(v instanceof Text t)) {
      return null;
    }
    String s = ascii(Strip.both(t.value(), null));
    if (REAL.matcher(s).matches()) {
      return Double.valueOf(s.replace("_", ""));
    }
    return switch (Cases.lower(s)) {
      case "inf", "+inf", "infinity", "+infinity" -> Double.POSITIVE_INFINITY;
      case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
      case "nan", "+nan", "-nan" -> Double.NaN;
      default -> null;
    };
  }

  private static Num numeric(String filter, Value v) {
    Operators.known(v);
    if (v instanceof Num n) {
      return n;
    }
    throw new TemplateFault(filter + ": " + v.type() + " is no number");
  }

  private static Value abs(Value self, Bound a, Budget b) {
    Num n = numeric("abs", self);
    if (!n.whole()) {
      return new Real(Math.abs(n.real()));
    }
    return n.integer() < 0 ? Arithmetic.negate(n) : Arithmetic.plain(n);
  }

  private static Value round(Value self, Bound a, Budget b) {
    Num n = numeric("round", self);
    int digits = (int) Math.clamp(a.whole(0, 0), -400, 400);
    String method = a.get(1) == null ? "common" : a.text(1);
    RoundingMode mode =
        switch (method) {
          case "common" -> RoundingMode.HALF_EVEN;
          case "ceil" -> RoundingMode.CEILING;
          case "floor" -> RoundingMode.FLOOR;
          default -> throw new TemplateFault("round: the method is common, ceil or floor");
        };
    if (!method.equals("common")) {
      double factor = Math.pow(10, digits);
      double scaled = finite(n.real() * factor);
      double whole = mode == RoundingMode.CEILING ? Math.ceil(scaled) : Math.floor(scaled);
      // A whole number has no negative zero.
      return new Real(finite((whole + 0.0) / factor));
    }
    if (n.whole()) {
      try {
        BigDecimal exact = BigDecimal.valueOf(n.integer());
        return new Int(exact.setScale(Math.min(digits, 0), mode).longValueExact());
      } catch (ArithmeticException e) {
        throw new TemplateFault("round: the result has more than 64 bits");
      }
    }
    if (n.real() == 0 || !Double.isFinite(n.real())) {
      return n;
    }
    double rounded = new BigDecimal(n.real()).setScale(digits, mode).doubleValue();
    return new Real(Math.copySign(finite(rounded), n.real()));
  }

  private static double finite(double d) {
    if (!Double.isFinite(d)) {
      throw new TemplateFault("round: the result is not finite");
    }
    return d;
  }
}
