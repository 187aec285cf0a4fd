package io.metalmarlin.cli.command;

import io.metalmarlin.cli.args.UsageErrors;
import io.metalmarlin.cli.out.Json;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/// `marlin help [COMMAND]`.
@CommandLine.Command(
    name = "help",
    header = "Show the commands, or the flags of one command.",
    sortOptions = false)
final class HelpCommand extends Command {
  @Parameters(arity = "0..1", paramLabel = "COMMAND", description = "The command to explain.")
  @Nullable String command;

  @Override
  public Outcome execute(Session session) {
    CommandLine root = spec.parent().commandLine();
    if (command != null && !root.getSubcommands().containsKey(command)) {
      throw UsageErrors.unknownCommand(root.getCommandSpec(), command);
    }
    CommandLine shown = command == null ? root : root.getSubcommands().get(command);
    String text = shown.getUsageMessage(CommandLine.Help.Ansi.OFF);
    return Outcome.ok(Json.object().put("text", text), text);
  }
}
