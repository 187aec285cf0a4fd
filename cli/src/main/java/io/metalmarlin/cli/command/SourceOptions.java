package io.metalmarlin.cli.command;

import picocli.CommandLine.Option;

/// Flags of commands that are given a model by name.
final class SourceOptions {
  @Option(
      names = "--offline",
      order = 790,
      description = "Never use the network: only models that are here (HF_HUB_OFFLINE).")
  boolean offline;
}
