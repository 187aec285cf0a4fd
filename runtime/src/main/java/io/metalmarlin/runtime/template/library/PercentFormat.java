package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Budget;
import io.metalmarlin.runtime.template.value.Items;
import io.metalmarlin.runtime.template.value.Mapping;
import io.metalmarlin.runtime.template.value.TemplateFault;
import io.metalmarlin.runtime.template.value.Text;
import io.metalmarlin.runtime.template.value.Value;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `"%s of %d" % values`.
final class PercentFormat {
  private static final Pattern DIRECTIVE =
      Pattern.compile("%(?:\\(([^)]*)\\))?([-+ 0#]*)(\\d{0,9})(?:\\.(\\d{0,9}))?([a-zA-Z%])");

  private PercentFormat() {}

  /// @param values a tuple, a dictionary for named directives, or the only value
  static String format(String pattern, Value values, Budget budget) {
    boolean tuple = values instanceof Items i && i.kind() == Items.Kind.TUPLE;
    List<Value> all = tuple ? ((Items) values).values() : List.of(values);
    StringBuilder out = new StringBuilder();
    int used = 0;
    int at = 0;
    Matcher m = DIRECTIVE.matcher(pattern);
    for (int percent; (percent = pattern.indexOf('%', at)) >= 0; at = m.end()) {
      out.append(pattern, at, percent);
      if (!m.region(percent, pattern.length()).lookingAt()) {
        throw new TemplateFault("'%' in a format needs a directive");
      }
      if (m.group(5).equals("%")) {
        out.append('%');
        continue;
      }
      Value value;
      if (m.group(1) != null) {
        value = named(values, m.group(1));
      } else if (used < all.size()) {
        value = all.get(used++);
      } else {
        throw new TemplateFault("the format has more directives than values");
      }
      out.append(one(m, value, budget));
    }
    if (used < all.size() && !(values instanceof Mapping)) {
      throw new TemplateFault("the format has fewer directives than values");
    }
    return out.append(pattern, at, pattern.length()).toString();
  }

  private static Value named(Value values, String name) {
    Value v = values instanceof Mapping m ? m.entries().get(new Text(name)) : null;
    if (v == null) {
      throw new TemplateFault("the format wants a value named '" + name + "'");
    }
    return v;
  }

  private static String one(Matcher m, Value value, Budget budget) {
    String flags = m.group(2);
    if (flags.contains("#")) {
      throw new TemplateFault("the flag '#' of a format is not known");
    }
    char type = m.group(5).charAt(0);
    String precision = m.group(4);
    FormatSpec spec =
        new FormatSpec(
            flags.contains("0") && !flags.contains("-") && type != 's' && type != 'r' ? "0" : " ",
            flags.contains("-") ? '<' : flags.contains("0") && type != 's' ? '=' : '>',
            flags.contains("+") ? "+" : flags.contains(" ") ? " " : "",
            m.group(3).isEmpty() ? 0 : Long.parseLong(m.group(3)),
            "",
            precision == null ? -1 : precision.isEmpty() ? 0 : Integer.parseInt(precision),
            type == 'i' || type == 'u' ? 'd' : type);
    return switch (type) {
      case 's' -> spec.text(Display.str(value, budget), budget);
      case 'r' -> spec.text(Display.repr(value, budget), budget);
      default -> spec.number(value, type == 'd' || type == 'i' || type == 'u', budget);
    };
  }
}
