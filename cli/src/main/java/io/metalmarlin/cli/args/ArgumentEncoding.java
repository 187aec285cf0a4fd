package io.metalmarlin.cli.args;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.util.List;

/// Characters that Java could not read from the command line.
public final class ArgumentEncoding {
  private ArgumentEncoding() {}

  /// @param encoding what Java took the arguments for
  /// @throws MarlinException `BAD_FLAG` for an argument that lost characters
  public static void check(List<String> typed, String encoding) {
    if (encoding.equalsIgnoreCase("UTF-8")) {
      return;
    }
    for (String argument : typed) {
      if (argument.indexOf('\uFFFD') >= 0) {
        throw new MarlinException(
            ErrorCode.BAD_FLAG,
            argument,
            "has characters that the locale (" + encoding + ") does not know",
            "Set LC_ALL=C.UTF-8 and run the same command again.");
      }
    }
  }
}
