package io.metalmarlin.cli.command;

import io.metalmarlin.cli.args.ShareConverter;
import io.metalmarlin.cli.args.UsageErrors;
import io.metalmarlin.cli.recipe.InRecipe;
import io.metalmarlin.quant.job.JobOptions;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Quality limits; exceeding one ends with exit code 4.
@InRecipe
final class GateOptions {
  /// Which number of an interval a gate compares.
  enum On {
    BOUND,
    MEAN
  }

  @Option(
      names = "--max-kld",
      paramLabel = "X",
      description = "Largest mean KL divergence from the reference, in nats.")
  @Nullable Double maxKld;

  @Option(
      names = "--max-ppl-increase",
      paramLabel = "SHARE",
      converter = ShareConverter.class,
      description = "Largest increase of perplexity over the reference: 2%% or 0.02.")
  @Nullable Double maxPplIncrease;

  @Option(
      names = "--min-top1",
      paramLabel = "SHARE",
      converter = ShareConverter.class,
      description = "Smallest share of positions with the reference's most probable token.")
  @Nullable Double minTop1;

  @Option(
      names = "--gate-on",
      paramLabel = "WHICH",
      description =
          "Compare the unfavourable end of the 95 %% interval (bound) or the mean (bound).")
  @Nullable On gateOn;

  boolean any() {
    return maxKld != null || maxPplIncrease != null || minTop1 != null;
  }

  /// @throws io.metalmarlin.formats.MarlinException `BAD_FLAG` for `--gate-on` without a gate
  void check() {
    if (gateOn != null && !any()) {
      throw UsageErrors.conflict(
          "--gate-on",
          "has no effect without a gate",
          "Add --max-kld, --max-ppl-increase or --min-top1.");
    }
  }

  /// Decides what the user left open.
  void resolve() {
    if (any() && gateOn == null) {
      gateOn = On.BOUND;
    }
  }

  JobOptions.Gates gates() {
    return new JobOptions.Gates(of(maxKld), of(maxPplIncrease), of(minTop1), gateOn == On.MEAN);
  }

  private static OptionalDouble of(@Nullable Double d) {
    return d == null ? OptionalDouble.empty() : OptionalDouble.of(d);
  }
}
