package io.metalmarlin.cli.page;

import java.util.List;

/// A table in a box of its own that scrolls, so that the page never does.
final class Tables {
  private final Html html;
  private final boolean[] numeric;

  private Tables(Html html, boolean[] numeric) {
    this.html = html;
    this.numeric = numeric;
  }

  /// Begins a table.
  ///
  /// @param caption what it says; also what a screen reader calls the box
  /// @param headings one for each column; a leading `>` makes it one of numbers
  static Tables open(Html html, String caption, List<String> headings) {
    boolean[] numeric = new boolean[headings.size()];
    html.open("div", "class", "scroll", "role", "region", "tabindex", "0", "aria-label", caption);
    html.open("table").leaf("caption", caption).open("thead").open("tr");
    for (int i = 0; i < numeric.length; i++) {
      numeric[i] = headings.get(i).startsWith(">");
      html.leaf(
          "th",
          headings.get(i).substring(numeric[i] ? 1 : 0),
          "scope",
          "col",
          "class",
          kind(numeric[i]));
    }
    html.close().close().open("tbody");
    return new Tables(html, numeric);
  }

  /// A row of texts; the first heads it.
  Tables row(String... cells) {
    html.open("tr");
    for (int i = 0; i < cells.length; i++) {
      cell(i, cells[i]);
    }
    html.close();
    return this;
  }

  /// Begins a row that the caller fills with cells.
  void open() {
    html.open("tr");
  }

  /// Ends such a row.
  void shut() {
    html.close();
  }

  /// A cell with a second, smaller line; of a row that the caller opened.
  void cell(int column, String text, String below) {
    html.open("td", "class", kind(numeric[column])).text(text);
    html.empty("br").leaf("small", below).close();
  }

  /// A cell of a row that the caller opened.
  void cell(int column, String text) {
    if (column == 0) {
      html.open("th", "scope", "row", "class", kind(numeric[0])).name(text).close();
    } else {
      html.leaf("td", text, "class", kind(numeric[column]));
    }
  }

  void close() {
    html.close().close().close();
  }

  private static String kind(boolean numeric) {
    return numeric ? "n" : "t";
  }
}
