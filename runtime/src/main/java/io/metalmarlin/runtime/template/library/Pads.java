package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Bound;
import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Value;

/// Filling a string up to a width.
final class Pads {
  private Pads() {}

  /// @param side 1: the text stands left, -1: right, 0: in the middle
  static Value pad(String s, Bound a, Budget b, int side) {
    String fill = a.get(1) == null ? " " : a.text(1);
    if (fill.codePointCount(0, fill.length()) != 1) {
      throw new TemplateFault("the fill character must be one character");
    }
    return b.text(pad(s, a.whole(0, 0), fill, side, b));
  }

  static String pad(String s, long width, String fill, int side, Budget b) {
    long missing = width - s.codePointCount(0, s.length());
    if (missing <= 0) {
      return s;
    }
    b.make(missing * fill.length());
    long left = side > 0 ? 0 : side < 0 ? missing : missing / 2 + (missing & width & 1);
    return fill.repeat((int) left) + s + fill.repeat((int) (missing - left));
  }

  static Value zeros(String s, long width, Budget b) {
    boolean signed = s.startsWith("-") || s.startsWith("+");
    String digits = signed ? s.substring(1) : s;
    return b.text(
        (signed ? s.substring(0, 1) : "") + pad(digits, width - (signed ? 1 : 0), "0", -1, b));
  }
}
