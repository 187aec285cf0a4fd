package io.metalmarlin.formats.json;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Prints JSON exactly as Python's `json.dumps(value, indent=N, sort_keys=...)` does, so that our
/// configuration files equal those of the tools that made the format: ASCII only, `": "` and `","`,
/// shortest floats in Python's notation (`1e-06`, `10000.0`), empty containers on one line. The
/// very smallest subnormals have two digits where Python prints one (4.9e-324), as Java does.
public final class PythonJson {
  private final int indent;
  private final boolean sortKeys;
  private final StringBuilder out = new StringBuilder();

  private PythonJson(int indent, boolean sortKeys) {
    this.indent = indent;
    this.sortKeys = sortKeys;
  }

  /// The text without a final newline.
  ///
  /// @param indent blanks per level
  /// @param sortKeys keys in code point order instead of the object's own
  /// @throws IllegalArgumentException for a float that is not finite
  public static String print(JsonNode value, int indent, boolean sortKeys) {
    PythonJson printer = new PythonJson(indent, sortKeys);
    printer.value(value, 0);
    return printer.out.toString();
  }

  private void value(JsonNode v, int level) {
    switch (v) {
      case ObjectNode object -> object(object, level);
      case ArrayNode array -> array(array, level);
      default -> {
        if (v.isString()) {
          quote(v.stringValue(), true, out);
        } else if (v.isFloatingPointNumber()) {
          out.append(repr(v.doubleValue()));
        } else {
          out.append(v.asString("null"));
        }
      }
    }
  }

  private void object(ObjectNode object, int level) {
    if (object.isEmpty()) {
      out.append("{}");
      return;
    }
    List<Map.Entry<String, JsonNode>> fields = new ArrayList<>(object.properties());
    if (sortKeys) {
      fields.sort(Map.Entry.comparingByKey(PythonJson::compareCodePoints));
    }
    out.append('{');
    String separator = "";
    for (Map.Entry<String, JsonNode> f : fields) {
      out.append(separator);
      line(level + 1);
      quote(f.getKey(), true, out);
      out.append(": ");
      value(f.getValue(), level + 1);
      separator = ",";
    }
    line(level);
    out.append('}');
  }

  private void array(ArrayNode array, int level) {
    if (array.isEmpty()) {
      out.append("[]");
      return;
    }
    out.append('[');
    for (Iterator<JsonNode> i = array.iterator(); i.hasNext(); ) {
      line(level + 1);
      value(i.next(), level + 1);
      out.append(i.hasNext() ? "," : "");
    }
    line(level);
    out.append(']');
  }

  private void line(int level) {
    out.append('\n').repeat(' ', level * indent);
  }

  /// Appends a string between quotes, as `json.dumps` and serde_json write it.
  ///
  /// @param ascii whether what is not ASCII is escaped, too
  public static void quote(String s, boolean ascii, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < 0x20 || ascii && c > 0x7e) {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  /// Python's `repr(float)`: shortest digits that read back, plain between 1e-4 and 1e16.
  ///
  /// @throws IllegalArgumentException for what is not finite
  public static String repr(double x) {
    if (!Double.isFinite(x)) {
      throw new IllegalArgumentException(x + " has no JSON form");
    }
    if (x == 0) {
      return 1 / x < 0 ? "-0.0" : "0.0";
    }
    BigDecimal shortest = new BigDecimal(Double.toString(x)).stripTrailingZeros();
    String digits = shortest.unscaledValue().abs().toString();
    int exponent = digits.length() - shortest.scale() - 1;
    String sign = x < 0 ? "-" : "";
    if (exponent < -4 || exponent >= 16) {
      String mantissa =
          digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
      return "%s%se%s%02d".formatted(sign, mantissa, exponent < 0 ? "-" : "+", Math.abs(exponent));
    }
    String plain = shortest.abs().toPlainString();
    return sign + (plain.contains(".") ? plain : plain + ".0");
  }

  private static int compareCodePoints(String a, String b) {
    int[] x = a.codePoints().toArray();
    int[] y = b.codePoints().toArray();
    return java.util.Arrays.compare(x, y);
  }
}
