package io.metalmarlin.cli.command;

import picocli.CommandLine;

/// `marlin plan MODEL`: what `quantize` would do, with the same flags; writes nothing.
@CommandLine.Command(
    name = "plan",
    header = "Print what quantize would do: every tensor, size, memory, disk, time.",
    description = "Exit code 3 with every reason when quantize would refuse.",
    sortOptions = false)
final class PlanCommand extends QuantizeCommand {
  @Override
  boolean planOnly() {
    return true;
  }
}
