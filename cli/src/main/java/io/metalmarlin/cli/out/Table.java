package io.metalmarlin.cli.out;

import java.util.ArrayList;
import java.util.List;

/// A plain text table: columns padded to their widest cell, two spaces between them, no frame.
public final class Table {
  private final List<Boolean> right = new ArrayList<>();
  private final List<List<String>> rows = new ArrayList<>();

  /// @param headings one per column; a leading `>` right-aligns the column (numbers)
  public Table(String... headings) {
    List<String> names = new ArrayList<>();
    for (String h : headings) {
      right.add(h.startsWith(">"));
      names.add(h.startsWith(">") ? h.substring(1) : h);
    }
    rows.add(names);
  }

  /// Adds a row of as many cells as there are columns.
  public Table row(String... cells) {
    if (cells.length != right.size()) {
      throw new IllegalArgumentException(cells.length + " cells for " + right.size() + " columns");
    }
    rows.add(List.of(cells));
    return this;
  }

  /// The table with a line end after every row and no trailing spaces.
  public String text() {
    int[] widths = new int[right.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    StringBuilder out = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String pad = " ".repeat(widths[i] - row.get(i).length());
        line.append(i == 0 ? "" : "  ");
        line.append(right.get(i) ? pad + row.get(i) : row.get(i) + pad);
      }
      out.append(line.toString().stripTrailing()).append('\n');
    }
    return out.toString();
  }
}
