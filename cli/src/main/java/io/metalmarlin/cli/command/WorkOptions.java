package io.metalmarlin.cli.command;

import io.metalmarlin.cli.args.UsageErrors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Flags of commands that compute.
final class WorkOptions {
  @Option(
      names = "--threads",
      order = 800,
      paramLabel = "N",
      description = "Worker threads (all cores); results do not depend on it.")
  @Nullable Integer threads;

  @Option(
      names = "--verbose",
      order = 902,
      description = "Say more on stderr: what was resolved, every weight.")
  boolean verbose;

  /// @throws io.metalmarlin.formats.MarlinException `BAD_FLAG` below 1
  int threads() {
    if (threads == null) {
      return Runtime.getRuntime().availableProcessors();
    }
    if (threads < 1) {
      throw UsageErrors.badValue("--threads", threads.toString(), "must be at least 1");
    }
    return threads;
  }
}
