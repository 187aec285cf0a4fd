package io.metalmarlin.cli.command;

import io.metalmarlin.cli.out.Settings;
import picocli.CommandLine.Option;

/// Flags of every command: how it talks.
final class TalkOptions {
  @Option(
      names = "--json",
      order = 900,
      description = "Print one JSON object on stdout (see docs/cli.md).")
  boolean json;

  @Option(
      names = "--quiet",
      order = 901,
      description = "No progress and no messages on stderr; errors stay.")
  boolean quiet;

  @Option(
      names = "--color",
      order = 903,
      paramLabel = "WHEN",
      description = "Color on stderr: auto, always, never (auto; NO_COLOR is honoured).")
  Settings.Color color = Settings.Color.AUTO;

  @Option(
      names = {"-h", "--help"},
      order = 904,
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  Settings settings(boolean verbose) {
    return new Settings(json, quiet, verbose, color);
  }
}
