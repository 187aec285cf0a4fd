package io.metalmarlin.quant.job;

import java.util.List;
import java.util.SequencedMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// A resolved recipe as the file that `quantize --recipe` reads: every key is a flag's name.
public final class RecipeYaml {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]*");

  /// Words that YAML readers of some version take for something else than text.
  private static final Pattern WORDS =
      Pattern.compile("true|false|yes|no|on|off|null|y|n", Pattern.CASE_INSENSITIVE);

  /// Characters that JSON leaves as they are and YAML does not allow or takes for a line's end.
  private static final Pattern UNPRINTABLE =
      Pattern.compile("[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]");

  private RecipeYaml() {}

  /// @param model what the user called the source
  /// @param settings by key: texts, numbers, booleans, or lists of texts
  /// @param chosenFor the budget by which schemes were chosen; null without one
  public static String write(
      String model, SequencedMap<String, Object> settings, @Nullable String chosenFor) {
    StringBuilder y = new StringBuilder("# marlin quantize MODEL --recipe recipe.yaml\n");
    if (chosenFor != null) {
      y.append("# scheme and override were chosen for ").append(chosenFor).append('\n');
    }
    y.append("version: 1\n");
    y.append("model: ").append(text(model)).append('\n');
    settings.forEach((key, value) -> y.append(key).append(':').append(value(value)).append('\n'));
    return y.toString();
  }

  private static String value(Object value) {
    return switch (value) {
      case List<?> l when l.isEmpty() -> " []";
      case List<?> l ->
          l.stream().map(v -> "\n  - " + text(v.toString())).collect(Collectors.joining());
      case String s -> " " + text(s);
      default -> " " + value;
    };
  }

  /// A plain scalar where no reader could take it for anything but text, else a quoted one, with
  /// JSON's escapes, which YAML has too.
  private static String text(String s) {
    if (PLAIN.matcher(s).matches() && !WORDS.matcher(s).matches()) {
      return s;
    }
    return UNPRINTABLE
        .matcher(JsonMapper.shared().writeValueAsString(s))
        .replaceAll(RecipeYaml::escaped);
  }

  private static String escaped(MatchResult found) {
    return "\\\\u%04x".formatted((int) found.group().charAt(0));
  }
}
