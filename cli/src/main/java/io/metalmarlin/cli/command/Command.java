package io.metalmarlin.cli.command;

import io.metalmarlin.cli.out.Settings;
import java.io.IOException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// A command: picocli fills its fields, [#execute] does the work. Commands never print by
/// themselves except through the session's console.
public abstract class Command {
  @Mixin TalkOptions talk = new TalkOptions();

  @Spec CommandSpec spec;

  /// How the user wants this command to talk.
  public Settings settings() {
    return talk.settings(verbose());
  }

  /// Whether `--verbose` was given; commands that have nothing more to say have no such flag.
  protected boolean verbose() {
    return false;
  }

  /// Does the work.
  ///
  /// @throws io.metalmarlin.formats.MarlinException for everything a user can cause
  public abstract Outcome execute(Session session) throws IOException;
}
