package io.metalmarlin.cli.page;

import java.util.Locale;
import java.util.Map;

/// Names with their values.
final class Lists {
  private Lists() {}

  /// @param values keys of our JSON, which are shown as words
  static void write(Html html, Map<String, String> values) {
    html.open("dl", "class", "facts");
    values.forEach((key, value) -> entry(html, words(key), value));
    html.close();
  }

  static void entry(Html html, String name, String value) {
    html.open("div").leaf("dt", name).open("dd").leaf("code", value).close().close();
  }

  /// `groupSize` and `group_size` as `group size`.
  private static String words(String key) {
    return key.replace('_', ' ').replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
  }
}
