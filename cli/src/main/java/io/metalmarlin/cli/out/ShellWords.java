package io.metalmarlin.cli.out;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A command line as a user can paste it into a POSIX shell.
public final class ShellWords {
  private static final Pattern PLAIN = Pattern.compile("[\\w@%+=:,./-]+");

  private ShellWords() {}

  public static String join(List<String> words) {
    return words.stream().map(ShellWords::quote).collect(Collectors.joining(" "));
  }

  private static String quote(String word) {
    return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
