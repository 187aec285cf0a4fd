package io.metalmarlin.cli.out;

import java.util.Map;

/// How a command talks.
///
/// @param json one envelope on stdout instead of text
/// @param quiet no progress and no messages on stderr; errors stay
/// @param verbose more messages on stderr
public record Settings(boolean json, boolean quiet, boolean verbose, Color color) {
  public static final Settings DEFAULT = new Settings(false, false, false, Color.AUTO);

  /// When escape sequences may be used on stderr.
  public enum Color {
    AUTO,
    ALWAYS,
    NEVER;

    /// `AUTO` means: a terminal, and neither `NO_COLOR` nor a dumb `TERM` in the environment.
    public boolean enabled(boolean terminal, Map<String, String> environment) {
      return switch (this) {
        case ALWAYS -> true;
        case NEVER -> false;
        case AUTO ->
            terminal && environment.getOrDefault("NO_COLOR", "").isEmpty() && !dumb(environment);
      };
    }

    static boolean dumb(Map<String, String> environment) {
      return "dumb".equals(environment.get("TERM"));
    }
  }
}
