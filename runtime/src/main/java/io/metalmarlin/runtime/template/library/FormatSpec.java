package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Num;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Value;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/// How one value is laid out by a format.
///
/// @param fill one character
/// @param align `<`, `>`, `^` or `=` (fill between sign and digits)
/// @param sign what stands before a number that is not negative
/// @param group `,` or `_` between thousands, or nothing
/// @param precision digits behind the point, characters of a text; -1 when not given
/// @param type `s d f F x X o b %`
record FormatSpec(
    String fill, char align, String sign, long width, String group, int precision, char type) {
  private static final int MOST_DIGITS = 1000;

  String text(String s, Budget budget) {
    int length = s.codePointCount(0, s.length());
    String cut =
        precision >= 0 && precision < length
            ? s.substring(0, s.offsetByCodePoints(0, precision))
            : s;
    return Pads.pad(cut, width, fill, side(), budget);
  }

  /// @param truncates whether a fraction is dropped for whole-number types
  String number(Value value, boolean truncates, Budget budget) {
    Operators.known(value);
    if (!(value instanceof Num n)) {
      throw new TemplateFault("the format '" + type + "' wants a number, got " + value.type());
    }
    boolean whole = "dxXob".indexOf(type) >= 0;
    BigInteger integer = whole ? integer(n, truncates) : BigInteger.ZERO;
    // Where it is written as a fraction, -0.0 has its sign.
    boolean negative = whole ? integer.signum() < 0 : Double.compare(n.real(), 0) < 0;
    String digits = whole ? digits(integer.abs()) : fraction(n);
    String mark = negative ? "-" : sign;
    if (align == '=') {
      return mark + Pads.pad(digits, width - mark.length(), fill, -1, budget);
    }
    return Pads.pad(mark + digits, width, fill, side(), budget);
  }

  private int side() {
    return align == '<' ? 1 : align == '^' ? 0 : -1;
  }

  private BigInteger integer(Num n, boolean truncates) {
    if (n.whole()) {
      return BigInteger.valueOf(n.integer());
    }
    if (!truncates || !Double.isFinite(n.real())) {
      throw new TemplateFault("the format '" + type + "' wants a whole number");
    }
    return new BigDecimal(n.real()).toBigInteger();
  }

  private String digits(BigInteger magnitude) {
    return switch (type) {
      case 'x' -> magnitude.toString(16);
      case 'X' -> Cases.upper(magnitude.toString(16));
      case 'o' -> magnitude.toString(8);
      case 'b' -> magnitude.toString(2);
      default -> grouped(magnitude.toString());
    };
  }

  private String fraction(Num n) {
    return switch (type) {
      case 'f' -> fixed(n, 1);
      case 'F' -> Cases.upper(fixed(n, 1));
      case '%' -> fixed(n, 100) + "%";
      default -> throw new TemplateFault("the format '" + type + "' is not known");
    };
  }

  private String fixed(Num n, int factor) {
    int digits = precision < 0 ? 6 : precision;
    if (digits > MOST_DIGITS) {
      throw new TemplateFault("more than " + MOST_DIGITS + " digits in a format");
    }
    double d = n.real() * factor;
    if (!Double.isFinite(d)) {
      return Display.real(Math.abs(d));
    }
    String s = new BigDecimal(Math.abs(d)).setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
    int point = s.indexOf('.');
    return point < 0 ? grouped(s) : grouped(s.substring(0, point)) + s.substring(point);
  }

  private String grouped(String digits) {
    return group.isEmpty() ? digits : digits.replaceAll("(?<=\\d)(?=(\\d{3})+$)", group);
  }
}
