package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Bound;
import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Int;
import io.metalmarlin.runtime.template.value.None;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Value;

/// Searches in a string; positions are code points.
final class Finds {
  /// The part of a string between the arguments 1 and 2, and where it begins.
  record Range(String text, int from) {}

  private Finds() {}

  static Range range(String s, Bound a) {
    if (a.get(1) == null && a.get(2) == null) {
      return new Range(s, 0);
    }
    int length = s.codePointCount(0, s.length());
    int from = position(a, 1, 0, length);
    int to = position(a, 2, length, length);
    if (from > to) {
      return new Range("", from);
    }
    return new Range(s.substring(s.offsetByCodePoints(0, from), s.offsetByCodePoints(0, to)), from);
  }

  private static int position(Bound a, int i, int otherwise, int length) {
    long p = a.get(i) instanceof None ? otherwise : a.whole(i, otherwise);
    return (int) Math.clamp(p < 0 ? p + length : p, 0, length);
  }

  static Value find(String s, Bound a, Budget budget, boolean last) {
    String wanted = a.text(0);
    Operators.walkSearch(s, wanted, budget);
    Range r = range(s, a);
    int hit = last ? r.text().lastIndexOf(wanted) : r.text().indexOf(wanted);
    return new Int(hit < 0 ? -1 : r.from() + (long) r.text().codePointCount(0, hit));
  }

  static Value index(String s, Bound a, Budget budget, boolean last) {
    Value hit = find(s, a, budget, last);
    if (hit instanceof Int i && i.integer() < 0) {
      throw new TemplateFault("index(): the string was not found");
    }
    return hit;
  }

  static Value count(String s, Bound a, Budget budget) {
    String wanted = a.text(0);
    Operators.walkSearch(s, wanted, budget);
    String text = range(s, a).text();
    if (wanted.isEmpty()) {
      return new Int(text.codePointCount(0, text.length()) + 1L);
    }
    long n = 0;
    for (int at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length())) {
      n++;
    }
    return new Int(n);
  }
}
