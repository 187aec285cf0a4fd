package io.metalmarlin.cli.command;

import io.metalmarlin.cli.args.UsageErrors;
import io.metalmarlin.cli.recipe.InRecipe;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Flags of a job that do not change the weights' bytes: where it may start, what it measures.
final class JobFlags {
  /// Enough to see that the output talks sense; a gate needs a narrow interval, the demo a fair
  /// table.
  private static final int FEW_WINDOWS = 4;

  private static final int DEMO_WINDOWS = 8;
  private static final int GATE_WINDOWS = 16;

  @Option(
      names = "--overwrite",
      description = "Replace an existing output when the new one is done.")
  boolean overwrite;

  @Option(
      names = "--resume",
      description =
          "Insist on going on with an unfinished run (without it: go on if there is one).")
  boolean resume;

  @Option(names = "--restart", description = "Throw away an unfinished run of this output.")
  boolean restart;

  @InRecipe
  @Option(
      names = "--no-fallback",
      description =
          "Fail when a weight could not be solved as asked: its damping was raised, or no token reached it.")
  boolean noFallback;

  @InRecipe
  @Option(
      names = "--eval-windows",
      paramLabel = "N",
      description =
          "Windows measured against the source before publishing, 0 for none (4; 16 with a gate; 8 in the demo).")
  @Nullable Integer evalWindows;

  @InRecipe
  @Option(
      names = "--eval-text",
      paramLabel = "FILE",
      description = "Text to measure on (embedded:evaluation).")
  @Nullable Path evalText;

  @Mixin GateOptions gates = new GateOptions();

  int windows() {
    return Objects.requireNonNull(evalWindows, "not resolved");
  }

  /// Decides what the user left open.
  ///
  /// @param demo whether the demo's table is measured
  void resolve(boolean demo) {
    if (evalWindows == null) {
      evalWindows = demo ? DEMO_WINDOWS : gates.any() ? GATE_WINDOWS : FEW_WINDOWS;
    }
    gates.resolve();
  }

  /// Flags that contradict each other or would do nothing are errors.
  void check() {
    if (resume && restart) {
      throw UsageErrors.conflict(
          "--resume",
          "contradicts --restart",
          "Give one of them, or neither to resume if possible.");
    }
    if (evalWindows != null && evalWindows < 0) {
      throw UsageErrors.badValue("--eval-windows", evalWindows + "", "must not be negative");
    }
    boolean none = evalWindows != null && evalWindows == 0;
    if (none && gates.any()) {
      throw UsageErrors.conflict(
          "--eval-windows 0", "leaves a quality gate nothing to check", "Measure some windows.");
    }
    if (none && evalText != null) {
      throw UsageErrors.conflict(
          "--eval-text", "has no effect with --eval-windows 0", "Leave one of them out.");
    }
    gates.check();
  }
}
