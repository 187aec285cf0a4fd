package io.metalmarlin.runtime.text.regex;

import io.metalmarlin.runtime.text.spec.Spec;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// The `pattern` of a part: a literal string or a regular expression, searched with a bound on the
/// steps (see [StepBudget]).
///
/// @param pattern literal, or from [RegexTranslator], so that it needs no deep recursion
public record TextPattern(Pattern pattern) implements Finder {
  /// A regular expression of the product's own.
  public static TextPattern regex(String regex) {
    return new TextPattern(RegexTranslator.compile(regex));
  }

  /// @throws io.metalmarlin.formats.MarlinException `TOKENIZER_MALFORMED` where it is neither
  ///   `{"String": ...}` nor `{"Regex": ...}`, or a construct has no safe translation
  public static TextPattern of(Spec spec) {
    JsonNode pattern = spec.node().path("pattern");
    if (pattern.path("String").isString()) {
      return new TextPattern(
          Pattern.compile(pattern.path("String").stringValue(), Pattern.LITERAL));
    }
    if (!pattern.path("Regex").isString()) {
      throw spec.errors()
          .malformed(
              "%s %s has neither pattern.String nor pattern.Regex"
                  .formatted(spec.part(), spec.type()));
    }
    String regex = pattern.path("Regex").stringValue();
    try {
      return regex(regex);
    } catch (RegexTranslator.Refused e) {
      throw spec.errors()
          .unsupported("%s pattern %s: %s".formatted(spec.part(), regex, e.getMessage()));
    }
  }

  @Override
  public void find(String text, int start, int end, Found out) {
    Matcher matcher =
        pattern.matcher(new StepBudget(text, end - start, pattern)).region(start, end);
    while (matcher.find()) {
      out.match(matcher.start(), matcher.end());
    }
  }

  /// The text with every match replaced by `content`, which is taken literally.
  public String replace(String text, String content) {
    StringBuilder out = new StringBuilder(text.length());
    int[] done = {0};
    find(
        text,
        0,
        text.length(),
        (start, end) -> {
          out.append(text, done[0], start).append(content);
          done[0] = end;
        });
    return out.append(text, done[0], text.length()).toString();
  }
}
