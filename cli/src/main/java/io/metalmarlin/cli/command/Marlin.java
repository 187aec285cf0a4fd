package io.metalmarlin.cli.command;

import io.metalmarlin.quant.Version;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/// The root: has no work of its own, holds the list of commands.
@CommandLine.Command(
    name = "marlin",
    header =
        "Turns Hugging Face checkpoints into small checkpoints that runtimes load, and proves it.",
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    optionListHeading = "%nOptions:%n",
    footer = {
      "",
      "Start with `marlin quantize demo`. `marlin help COMMAND` shows a command's flags.",
      "Data goes to stdout, progress and messages to stderr. Exit codes: 0 done, 1 bug, 2 usage,",
      "3 refused before starting, 4 quality or solver, 5 input, 6 output, 7 network or offline,",
      "130 / 143 interrupted."
    },
    subcommands = {
      QuantizeCommand.class,
      PlanCommand.class,
      SensitivityCommand.class,
      ConvertCommand.class,
      EvalCommand.class,
      VerifyCommand.class,
      ReportCommand.class,
      RunCommand.class,
      InspectCommand.class,
      ModelsCommand.class,
      FormatsCommand.class,
      DoctorCommand.class,
      CompletionCommand.class,
      VersionCommand.class,
      HelpCommand.class
    })
public final class Marlin implements CommandLine.IVersionProvider {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  @Option(names = "--version", versionHelp = true, description = "Print the version.")
  boolean version;

  @Override
  public String[] getVersion() {
    return List.of("marlin " + Version.current()).toArray(String[]::new);
  }

  /// A parser for the whole command line.
  public static CommandLine parser() {
    CommandLine root = new CommandLine(new Marlin());
    root.getCommandSpec().versionProvider(new Marlin());
    root.setExpandAtFiles(false);
    root.setCaseInsensitiveEnumValuesAllowed(true);
    root.setUsageHelpWidth(100);
    root.getSubcommands()
        .values()
        .forEach(c ->
            c.getCommandSpec()
                .usageMessage()
                .abbreviateSynopsis(true)
                .synopsisHeading("%nUsage: ")
                .descriptionHeading("%n")
                .parameterListHeading("%n")
                .optionListHeading("%nFlags:%n"));
    root.setAbbreviatedOptionsAllowed(false);
    root.setAbbreviatedSubcommandsAllowed(false);
    return root;
  }
}
