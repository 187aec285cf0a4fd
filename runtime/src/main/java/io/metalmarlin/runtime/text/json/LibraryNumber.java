package io.metalmarlin.runtime.text.json;

/// A JSON number as the `tokenizers` library reads it: digits as a 64-bit integer, then one
/// multiplication or division by a power of ten. That is not always the nearest double, and a last
/// bit decides between ways of cutting that are equally good.
final class LibraryNumber {
  private static final int LARGEST_POWER = 308;

  private LibraryNumber() {}

  /// @param text a number of JSON
  /// @return infinite beyond the doubles
  static double parse(String text) {
    int at = text.startsWith("-") ? 1 : 0;
    long digits = 0;
    int exponent = 0;
    boolean behindPoint = false;
    boolean full = false;
    for (; at < text.length() && "eE".indexOf(text.charAt(at)) < 0; at++) {
      char c = text.charAt(at);
      if (c == '.') {
        behindPoint = true;
        continue;
      }
      full |= overflows(digits, c - '0');
      if (!full) {
        digits = digits * 10 + (c - '0');
      }
      // A digit that was left out counts if it stands before the point.
      exponent += full ? behindPoint ? 0 : 1 : behindPoint ? -1 : 0;
    }
    if (at < text.length()) {
      exponent += Integer.parseInt(text.substring(at + 1));
    }
    double value = scaled(unsigned(digits), exponent);
    return text.startsWith("-") ? -value : value;
  }

  private static boolean overflows(long digits, int next) {
    long most = Long.divideUnsigned(-1L - next, 10);
    return Long.compareUnsigned(digits, most) > 0;
  }

  private static double unsigned(long digits) {
    return digits >= 0 ? digits : (digits >>> 1 | digits & 1) * 2.0;
  }

  private static double scaled(double value, int exponent) {
    double scaled = value;
    int left = exponent;
    while (left < -LARGEST_POWER && scaled != 0) {
      scaled /= 1e308;
      left += LARGEST_POWER;
    }
    if (scaled == 0) {
      return scaled;
    }
    double power = Double.parseDouble("1e" + Math.abs(left));
    return left >= 0 ? scaled * power : scaled / power;
  }
}
