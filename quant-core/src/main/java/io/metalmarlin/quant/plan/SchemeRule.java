package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.model.ModelSpec.Linear;

/// A scheme for some modules instead of the recipe's; of several that match a module the last wins.
///
/// @param pattern as in [ModulePattern]
/// @param scheme name of a scheme, of integers with its group (`W8A16-G128`, `W8A16-channel`), of a
///   block type of ggml, or [#SOURCE]
public record SchemeRule(String pattern, String scheme) {
  /// The module stays as the source has it.
  public static final String SOURCE = "source";

  /// @param text `PATTERN=SCHEME`; only the last `=` divides
  /// @throws MarlinException `BAD_FLAG`
  static SchemeRule parse(String text) {
    int at = text.lastIndexOf('=');
    if (at < 1 || at == text.length() - 1) {
      throw new MarlinException(
          ErrorCode.BAD_FLAG,
          "--override " + text,
          "is not PATTERN=SCHEME",
          "For example --override \"re:.*down_proj=W8A16\".");
    }
    return new SchemeRule(text.substring(0, at), text.substring(at + 1));
  }

  /// As a user writes it.
  public String text() {
    return pattern + "=" + scheme;
  }

  boolean keeps() {
    return scheme.equals(SOURCE);
  }

  ModulePattern matcher() {
    return ModulePattern.of(pattern, "--override");
  }

  /// The pattern that means a linear, of an expert those of all experts of its layer.
  ///
  /// @param module its name
  public static String pattern(Linear linear, String module) {
    if (linear.id().expert() < 0) {
      return module;
    }
    String number = "." + linear.id().expert() + ".";
    int at = module.lastIndexOf(number);
    return at < 0
        ? module
        : "re:%s\\.\\d+\\.%s$"
            .formatted(
                escaped(module.substring(0, at)), escaped(module.substring(at + number.length())));
  }

  private static String escaped(String name) {
    return name.replace(".", "\\.");
  }
}
