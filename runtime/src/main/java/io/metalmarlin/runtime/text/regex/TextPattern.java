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

  /// As the reference: an empty match right behind another one is none.
  @Override
  public void find(String text, int start, int end, Found out) {
    try {
      findEach(text, start, end, out);
    } catch (StackOverflowError e) {
      // A loop over a group whose turns have different lengths in UTF-16.
      throw StepBudget.endless(pattern);
    }
  }

  private void findEach(String text, int start, int end, Found out) {
    Matcher matcher =
        pattern.matcher(new StepBudget(text, end - start, pattern)).region(start, end);
    int last = -1;
    while (matcher.find()) {
      int from = matcher.start();
      int to = matcher.end();
      if (from < to || from != last) {
        out.match(from, to);
      }
      last = to;
      if (from == to && to < end && Character.isHighSurrogate(text.charAt(to))) {
        // Java would go on in the middle of the pair.
        findBehindPair(text.substring(start, end), start, to - start + 2, out);
        return;
      }
    }
  }

  /// The rest, from a position that Java is told each time.
  private void findBehindPair(String part, int offset, int begin, Found out) {
    Matcher matcher = pattern.matcher(new StepBudget(part, part.length(), pattern));
    int last = begin - 2;
    int at = begin;
    while (at <= part.length() && matcher.find(at)) {
      int from = matcher.start();
      int to = matcher.end();
      at = to;
      if (from < to || from != last) {
        out.match(offset + from, offset + to);
      } else {
        at += to < part.length() ? Character.charCount(part.codePointAt(to)) : 1;
      }
      last = to;
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
