package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Bound;
import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Chars;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Text;
import io.metalmarlin.runtime.template.value.Value;
import java.util.ArrayList;
import java.util.List;

/// Python's ways to cut a string.
final class Splits {
  private static final String LINE_ENDS = "\n\r\013\f\034\035\036\205\u2028\u2029";

  private Splits() {}

  static Value split(String s, Bound a, Budget b) {
    String separator = a.textOrNull(0);
    long most = most(a);
    return texts(separator == null ? words(s, most) : split(s, separated(separator), most, b), b);
  }

  static Value rsplit(String s, Bound a, Budget b) {
    String separator = a.textOrNull(0);
    long most = most(a);
    List<String> reversed =
        separator == null
            ? words(reverse(s), most)
            : split(reverse(s), reverse(separated(separator)), most, b);
    return texts(reversed.reversed().stream().map(Splits::reverse).toList(), b);
  }

  private static long most(Bound a) {
    long n = a.whole(1, -1);
    return n < 0 ? Long.MAX_VALUE : n;
  }

  private static String separated(String separator) {
    if (separator.isEmpty()) {
      throw new TemplateFault("split() and partition() want a separator that is not empty");
    }
    return separator;
  }

  private static List<String> split(String s, String separator, long most, Budget budget) {
    Operators.walkSearch(s, separator, budget);
    List<String> out = new ArrayList<>();
    int at = 0;
    for (int hit; out.size() < most && (hit = s.indexOf(separator, at)) >= 0; ) {
      out.add(s.substring(at, hit));
      at = hit + separator.length();
    }
    out.add(s.substring(at));
    return out;
  }

  private static List<String> words(String s, long most) {
    List<String> out = new ArrayList<>();
    int at = 0;
    while (true) {
      while (at < s.length() && Chars.space(s.charAt(at))) {
        at++;
      }
      if (at == s.length()) {
        return out;
      }
      if (out.size() == most) {
        out.add(s.substring(at));
        return out;
      }
      int from = at;
      while (at < s.length() && !Chars.space(s.charAt(at))) {
        at++;
      }
      out.add(s.substring(from, at));
    }
  }

  static Value lines(String s, boolean ends, Budget b) {
    return texts(lines(s, ends), b);
  }

  static List<String> lines(String s, boolean ends) {
    List<String> out = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < s.length(); i++) {
      if (LINE_ENDS.indexOf(s.charAt(i)) >= 0) {
        int behind = s.startsWith("\r\n", i) ? i + 2 : i + 1;
        out.add(s.substring(from, ends ? behind : i));
        from = behind;
        i = behind - 1;
      }
    }
    if (from < s.length()) {
      out.add(s.substring(from));
    }
    return out;
  }

  static Value partition(String s, String separator, Budget b) {
    Operators.walkSearch(s, separated(separator), b);
    int hit = s.indexOf(separator);
    return hit < 0 ? triple(s, "", "", b) : cut(s, hit, separator, b);
  }

  static Value rpartition(String s, String separator, Budget b) {
    Operators.walkSearch(s, separated(separator), b);
    int hit = s.lastIndexOf(separator);
    return hit < 0 ? triple("", "", s, b) : cut(s, hit, separator, b);
  }

  private static Value cut(String s, int hit, String separator, Budget b) {
    return triple(s.substring(0, hit), separator, s.substring(hit + separator.length()), b);
  }

  private static Value triple(String before, String separator, String behind, Budget b) {
    return b.tuple(b.text(before), b.text(separator), b.text(behind));
  }

  private static Value texts(List<String> parts, Budget b) {
    List<Value> out = new ArrayList<>(parts.size());
    for (String p : parts) {
      b.make(p.length());
      out.add(new Text(p));
    }
    return b.list(out);
  }

  private static String reverse(String s) {
    return new StringBuilder(s).reverse().toString();
  }
}
