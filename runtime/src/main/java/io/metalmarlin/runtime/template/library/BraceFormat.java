package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Arguments;
import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Num;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Text;
import io.metalmarlin.runtime.template.value.Value;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `"{} of {name:>5}".format(...)`. A field is a position or a name; it has no way into the value.
final class BraceFormat {
  private static final Pattern FIELD = Pattern.compile("(\\w*)(?:!([rs]))?(?::([^{}]*))?\\}");
  private static final Pattern SPEC =
      Pattern.compile(
          "(?:(.)?([<>^=]))?([-+ ])?(0)?(\\d{0,9})([,_])?(?:\\.(\\d{1,9}))?([sdfFxXob%])?",
          Pattern.DOTALL);

  private BraceFormat() {}

  static String format(String pattern, Arguments arguments, Budget budget) {
    StringBuilder out = new StringBuilder();
    int next = 0;
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c != '{' && c != '}') {
        out.append(c);
      } else if (i + 1 < pattern.length() && pattern.charAt(i + 1) == c) {
        out.append(c);
        i++;
      } else {
        Matcher m = FIELD.matcher(pattern).region(i + 1, pattern.length());
        if (c == '}' || !m.lookingAt()) {
          throw new TemplateFault("format(): a brace that is no field");
        }
        String name = m.group(1).isEmpty() ? Integer.toString(next++) : m.group(1);
        Value value = value(name, arguments);
        Value shown = "r".equals(m.group(2)) ? budget.text(Display.repr(value, budget)) : value;
        out.append(one(shown, m.group(3) == null ? "" : m.group(3), budget));
        i = m.end() - 1;
      }
    }
    return out.toString();
  }

  private static Value value(String name, Arguments arguments) {
    Value v = null;
    if (name.matches("\\d{1,9}")) {
      int i = Integer.parseInt(name);
      v = i < arguments.positional().size() ? arguments.positional().get(i) : null;
    } else {
      v = arguments.named().get(name);
    }
    if (v == null) {
      throw new TemplateFault("format() has no value for the field '" + name + "'");
    }
    return v;
  }

  private static String one(Value value, String layout, Budget budget) {
    if (layout.isEmpty()) {
      String s = Display.str(value, budget);
      budget.make(s.length());
      return s;
    }
    Matcher m = SPEC.matcher(layout);
    if (!m.matches()) {
      throw new TemplateFault("format(): the layout '" + layout + "' is not known");
    }
    if (m.group(4) != null && m.group(6) != null) {
      throw new TemplateFault("format(): zeros in front and thousands apart do not go together");
    }
    boolean number = value instanceof Num;
    boolean zero = m.group(4) != null;
    String type = m.group(8);
    FormatSpec spec =
        new FormatSpec(
            m.group(1) != null ? m.group(1) : zero ? "0" : " ",
            m.group(2) != null ? m.group(2).charAt(0) : zero ? '=' : number ? '>' : '<',
            m.group(3) == null || m.group(3).equals("-") ? "" : m.group(3),
            m.group(5).isEmpty() ? 0 : Long.parseLong(m.group(5)),
            m.group(6) == null ? "" : m.group(6),
            m.group(7) == null ? -1 : Integer.parseInt(m.group(7)),
            type == null ? (number ? 'd' : 's') : type.charAt(0));
    if (value instanceof Text t && spec.type() == 's') {
      return spec.text(t.value(), budget);
    }
    if (value instanceof Num n && type == null && !n.whole()) {
      throw new TemplateFault("format(): the layout of a float needs a type, for example .2f");
    }
    return spec.number(value, false, budget);
  }
}
