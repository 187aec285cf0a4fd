package io.metalmarlin.cli.command;

import io.metalmarlin.cli.recipe.InRecipe;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How the costs of weights are measured.
@InRecipe(saved = false)
final class CostOptions {
  @Option(
      names = "--cost-dataset",
      paramLabel = "SOURCE",
      description =
          "Text that costs are measured on: a file or embedded:NAME (embedded:evaluation).")
  String dataset = "embedded:evaluation";

  @Option(
      names = "--cost-windows",
      paramLabel = "N",
      description = {
        "Windows of 512 tokens that are run for every unit and scheme (up to 16: as many as take no",
        "longer than two evaluations for each scheme).",
      })
  @Nullable Integer windows;

  @Option(
      names = "--fast",
      description = {
        "Run one scheme only; the others follow from how far each moves the weights.",
      })
  boolean fast;
}
