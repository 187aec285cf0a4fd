package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// A pattern over module names, as compressed-tensors and `--ignore` write them: an exact module
/// path, `re:` and a regular expression anchored at the start only, or the class name `Linear`.
public record ModulePattern(String text, Pattern regex) {
  private static final String CLASS = "Linear";

  /// @throws MarlinException `BAD_FLAG` for a malformed regular expression
  public static ModulePattern of(String text) {
    return of(text, "--ignore");
  }

  /// @param flag what messages call the place where it was given
  static ModulePattern of(String text, String flag) {
    if (!text.startsWith("re:")) {
      return new ModulePattern(text, Pattern.compile(Pattern.quote(text) + "$"));
    }
    try {
      return new ModulePattern(text, Pattern.compile(text.substring(3)));
    } catch (PatternSyntaxException e) {
      throw new MarlinException(
          ErrorCode.BAD_FLAG,
          flag + " " + text,
          "is not a regular expression: " + e.getDescription() + " at " + e.getIndex(),
          "Escape special characters, or give the exact module path without re:.",
          e);
    }
  }

  /// Whether the module of a linear layer is meant.
  public boolean matches(String module) {
    return text.equals(CLASS) || regex.matcher(module).lookingAt();
  }
}
