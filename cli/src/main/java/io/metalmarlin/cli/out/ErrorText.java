package io.metalmarlin.cli.out;

/// Renders failures and warnings as one paragraph: `error[E503] where: message. Hint`.
public final class ErrorText {
  private static final String RED = "\033[1;31m";
  private static final String YELLOW = "\033[1;33m";
  private static final String RESET = "\033[0m";

  private ErrorText() {}

  /// @param columns width to wrap at; a terminal's, or a large number for no wrapping
  public static String render(Failure f, int columns, boolean color) {
    String head = "error[" + f.code() + "]";
    return paragraph(head, f.where(), sentence(f.message()) + " " + f.hint(), columns, color, RED);
  }

  public static String render(Warning w, int columns, boolean color) {
    String head = "warning[" + w.code() + "]";
    return paragraph(head, w.where(), sentence(w.message()), columns, color, YELLOW);
  }

  private static String paragraph(
      String head, String where, String text, int columns, boolean color, String tint) {
    String plain = head + (where.isBlank() ? " " : " " + where + ": ") + text.strip();
    String wrapped = wrap(oneLine(plain), columns);
    return color ? tint + head + RESET + wrapped.substring(head.length()) : wrapped;
  }

  private static String sentence(String s) {
    String t = s.strip();
    return t.isEmpty() || ".!?".indexOf(t.charAt(t.length() - 1)) >= 0 ? t : t + ".";
  }

  /// File names and messages of the operating system may hold line ends and control characters,
  /// which would break the one-paragraph promise or drive the terminal.
  private static String oneLine(String s) {
    return s.replaceAll("\\s+", " ").replaceAll("\\p{Cntrl}", "?");
  }

  /// Breaks at spaces so that no line is longer than `columns`; words longer than that stay whole.
  static String wrap(String text, int columns) {
    StringBuilder out = new StringBuilder();
    int used = 0;
    for (String word : text.split(" ")) {
      if (used > 0 && used + 1 + word.length() > columns) {
        out.append('\n');
        used = 0;
      } else if (used > 0) {
        out.append(' ');
        used++;
      }
      out.append(word);
      used += word.length();
    }
    return out.toString();
  }
}
