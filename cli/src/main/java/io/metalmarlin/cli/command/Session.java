package io.metalmarlin.cli.command;

import io.metalmarlin.cli.out.Console;
import io.metalmarlin.cli.out.Failure;
import io.metalmarlin.cli.out.ShellWords;
import io.metalmarlin.cli.recipe.GivenRecipe;
import io.metalmarlin.runtime.hub.StoppedException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// What a running command sees of the process.
///
/// @param console its streams
/// @param input the process's standard input
/// @param arguments the command line after `marlin`, in canonical spelling
/// @param recipe what of its flags came from a recipe
/// @param environment the process's variables
/// @param workingFolder where default outputs go
/// @param interrupt asked by long work whether the user wants it to stop
public record Session(
    Console console,
    InputStream input,
    List<String> arguments,
    GivenRecipe recipe,
    Map<String, String> environment,
    Path workingFolder,
    Interrupt interrupt) {
  public Session {
    arguments = List.copyOf(arguments);
  }

  /// The user stopped a download.
  public Failure stopped(StoppedException e) {
    return new Failure(
        interrupt.signalName(),
        e.spec(),
        "stopped; what was fetched is kept",
        "Go on with: marlin " + ShellWords.join(arguments),
        interrupt.exitCode());
  }
}
