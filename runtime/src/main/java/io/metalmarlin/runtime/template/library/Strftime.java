package io.metalmarlin.runtime.template.library;

import io.metalmarlin.runtime.template.value.Budget;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Dates and times as C's `strftime` writes them in English. Between `%` and its letter `-` takes
/// zeros and blanks in front away, `_` writes blanks and `0` zeros there, `^` writes capitals.
final class Strftime {
  private static final String FLAGS = "-_0^";
  private static final Pattern FRONT = Pattern.compile("^[0 ]+(?=\\d)");

  private Strftime() {}

  static String format(String pattern, ZonedDateTime t, Budget budget) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      int before = out.length();
      int letter = i + 1;
      while (letter < pattern.length() && FLAGS.indexOf(pattern.charAt(letter)) >= 0) {
        letter++;
      }
      if (c != '%' || letter == pattern.length()) {
        out.append(c);
        continue;
      }
      String s = directive(pattern.charAt(letter), t);
      String flags = pattern.substring(i + 1, letter);
      out.append(s == null ? pattern.substring(i, letter + 1) : flagged(s, flags));
      budget.make(out.length() - before);
      i = letter;
    }
    return out.toString();
  }

  private static String flagged(String s, String flags) {
    String out = s;
    for (char flag : flags.toCharArray()) {
      out =
          switch (flag) {
            case '^' -> Cases.upper(out);
            case '-' -> FRONT.matcher(out).replaceFirst("");
            case '_' -> FRONT.matcher(out).replaceFirst(m -> " ".repeat(m.group().length()));
            default -> FRONT.matcher(out).replaceFirst(m -> "0".repeat(m.group().length()));
          };
    }
    return out;
  }

  private static @Nullable String directive(char d, ZonedDateTime t) {
    return switch (d) {
      case 'Y' -> Integer.toString(t.getYear());
      case 'y' -> two(t.getYear() % 100);
      case 'm' -> two(t.getMonthValue());
      case 'd' -> two(t.getDayOfMonth());
      case 'e' -> "%2d".formatted(t.getDayOfMonth());
      case 'C' -> two(t.getYear() / 100);
      case 'H' -> two(t.getHour());
      case 'I' -> two(t.get(ChronoField.CLOCK_HOUR_OF_AMPM));
      case 'k' -> "%2d".formatted(t.getHour());
      case 'l' -> "%2d".formatted(t.get(ChronoField.CLOCK_HOUR_OF_AMPM));
      case 'M' -> two(t.getMinute());
      case 'S' -> two(t.getSecond());
      case 'f' -> "%06d".formatted(t.getNano() / 1000);
      case 'j' -> "%03d".formatted(t.getDayOfYear());
      case 'G' -> Integer.toString(t.get(IsoFields.WEEK_BASED_YEAR));
      case 'U' -> week(t, t.getDayOfWeek().getValue() % 7);
      case 'W' -> week(t, t.getDayOfWeek().getValue() - 1);
      case 'V' -> two(t.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
      case 'u' -> Integer.toString(t.getDayOfWeek().getValue());
      case 'w' -> Integer.toString(t.getDayOfWeek().getValue() % 7);
      case 'B' -> english("MMMM", t);
      case 'b', 'h' -> english("MMM", t);
      case 'A' -> english("EEEE", t);
      case 'a' -> english("EEE", t);
      case 'p' -> english("a", t);
      case 'P' -> Cases.lower(english("a", t));
      case 'c' -> english("EEE MMM ppd HH:mm:ss yyyy", t);
      case 'r' -> english("hh:mm:ss a", t);
      case 's' -> Long.toString(t.toEpochSecond());
      case 'F' -> english("yyyy-MM-dd", t);
      case 'T', 'X' -> english("HH:mm:ss", t);
      case 'R' -> english("HH:mm", t);
      case 'D', 'x' -> english("MM/dd/yy", t);
      case 'n' -> "\n";
      case 't' -> "\t";
      case '%' -> "%";
      // A Python date without a zone shows nothing for these.
      case 'Z', 'z' -> "";
      default -> null;
    };
  }

  /// Full weeks of the year so far, counted from its first day that begins a week.
  ///
  /// @param day days since this week began
  private static String week(ZonedDateTime t, int day) {
    return two((t.getDayOfYear() + 6 - day) / 7);
  }

  private static String two(int n) {
    return "%02d".formatted(n);
  }

  private static String english(String pattern, ZonedDateTime t) {
    return t.format(DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH));
  }
}
