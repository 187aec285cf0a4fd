package io.metalmarlin.cli.command;

import io.metalmarlin.cli.args.UsageErrors;
import io.metalmarlin.cli.out.Json;
import java.util.Locale;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/// `marlin completion SHELL`: a script for the shell to source.
@CommandLine.Command(
    name = "completion",
    header = "Print a completion script for bash or zsh.",
    description = "Use it with: source <(marlin completion bash)",
    sortOptions = false)
final class CompletionCommand extends Command {
  @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
  String shell = "";

  @Override
  public Outcome execute(Session session) {
    String name = shell.toLowerCase(Locale.ROOT);
    if (!name.equals("bash") && !name.equals("zsh")) {
      throw UsageErrors.conflict(
          "completion " + shell,
          "there is no completion script for this shell in this version",
          "Use bash or zsh.");
    }
    // The generated script serves both shells: it loads bashcompinit under zsh.
    String script = AutoComplete.bash("marlin", spec.parent().commandLine());
    return Outcome.ok(Json.object().put("shell", name).put("script", script), script);
  }
}
