package io.metalmarlin.cli.page;

import java.util.Locale;

/// A drawing inside the page. Its unit is a pixel of a narrow telephone, so that its letters are
/// readable wherever it is shown; it grows with its box.
final class Svg {
  static final int WIDTH = 340;

  /// Of a letter of a wide typeface, in units.
  private static final double LETTER = 7.2;

  private final Html html;

  private Svg(Html html) {
    this.html = html;
  }

  /// @param id of this drawing, unique on the page
  /// @param title,description for those who do not see it
  static Svg open(Html html, String id, int height, String title, String description) {
    String t = id + "-title";
    String d = id + "-description";
    html.open(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "viewBox",
        "0 0 " + WIDTH + " " + height,
        "role",
        "img",
        "aria-labelledby",
        t + " " + d);
    html.leaf("title", title, "id", t).leaf("desc", description, "id", d);
    return new Svg(html);
  }

  Svg rectangle(double x, double y, double width, double height, String kind) {
    html.empty(
        "rect", "x", at(x), "y", at(y), "width", at(width), "height", at(height), "class", kind);
    return this;
  }

  Svg line(double x1, double y1, double x2, double y2, String kind) {
    html.empty("line", "x1", at(x1), "y1", at(y1), "x2", at(x2), "y2", at(y2), "class", kind);
    return this;
  }

  Svg dot(double x, double y, String kind) {
    html.empty("circle", "cx", at(x), "cy", at(y), "r", "2.5", "class", kind);
    return this;
  }

  /// @param points `x,y` and blanks
  Svg polyline(String points, String kind) {
    html.empty("polyline", "points", points, "class", kind);
    return this;
  }

  /// @param anchor `start`, `middle` or `end`
  Svg label(double x, double y, String text, String anchor) {
    html.leaf("text", text, "x", at(x), "y", at(y), "text-anchor", anchor);
    return this;
  }

  /// A label on the field that was drawn before it.
  Svg name(double x, double y, String text) {
    html.leaf("text", text, "x", at(x), "y", at(y), "text-anchor", "middle", "class", "inside");
    return this;
  }

  void close() {
    html.close();
  }

  /// The room that a label takes at the most.
  static double width(String text) {
    return LETTER * text.length();
  }

  /// A coordinate with as many digits as can be seen.
  static String at(double v) {
    String text = String.format(Locale.ROOT, "%.2f", v);
    return text.contains(".") ? text.replaceFirst("\\.?0+$", "") : text;
  }
}
