package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Budget;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.Locale;

/// Dates and times as C's `strftime` writes them in English.
final class Strftime {
  private Strftime() {}

  static String format(String pattern, ZonedDateTime t, Budget budget) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c != '%' || i + 1 == pattern.length()) {
        out.append(c);
        continue;
      }
      boolean bare = pattern.charAt(i + 1) == '-' && i + 2 < pattern.length();
      i += bare ? 2 : 1;
      String s = directive(pattern.charAt(i), t);
      budget.make(s.length());
      out.append(bare ? s.replaceFirst("^[0 ]+(?=\\d)", "") : s);
    }
    return out.toString();
  }

  private static String directive(char d, ZonedDateTime t) {
    return switch (d) {
      case 'Y' -> Integer.toString(t.getYear());
      case 'y' -> two(t.getYear() % 100);
      case 'm' -> two(t.getMonthValue());
      case 'd' -> two(t.getDayOfMonth());
      case 'e' -> "%2d".formatted(t.getDayOfMonth());
      case 'H' -> two(t.getHour());
      case 'I' -> two(t.get(ChronoField.CLOCK_HOUR_OF_AMPM));
      case 'M' -> two(t.getMinute());
      case 'S' -> two(t.getSecond());
      case 'f' -> "%06d".formatted(t.getNano() / 1000);
      case 'j' -> "%03d".formatted(t.getDayOfYear());
      case 'V' -> two(t.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
      case 'u' -> Integer.toString(t.getDayOfWeek().getValue());
      case 'w' -> Integer.toString(t.getDayOfWeek().getValue() % 7);
      case 'B' -> english("MMMM", t);
      case 'b', 'h' -> english("MMM", t);
      case 'A' -> english("EEEE", t);
      case 'a' -> english("EEE", t);
      case 'p' -> english("a", t);
      case 'F' -> english("yyyy-MM-dd", t);
      case 'T', 'X' -> english("HH:mm:ss", t);
      case 'R' -> english("HH:mm", t);
      case 'D', 'x' -> english("MM/dd/yy", t);
      case 'n' -> "\n";
      case 't' -> "\t";
      case '%' -> "%";
      // A Python date without a zone shows nothing for these.
      case 'Z', 'z' -> "";
      default -> "%" + d;
    };
  }

  private static String two(int n) {
    return "%02d".formatted(n);
  }

  private static String english(String pattern, ZonedDateTime t) {
    return t.format(DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH));
  }
}
