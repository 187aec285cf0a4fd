package io.metalmarlin.cli.command;

import io.metalmarlin.cli.args.UsageErrors;
import io.metalmarlin.cli.recipe.InRecipe;
import io.metalmarlin.quant.sensitivity.Budget;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Mixed precision within a budget: each weight gets the scheme with which the output moves least.
@InRecipe(saved = false)
final class BudgetOptions {
  private static final Pattern SIZE = Pattern.compile("(\\d+(?:\\.\\d+)?)(?:([KMG])(i?)B)?");

  @Option(
      names = "--target-bpw",
      paramLabel = "B",
      description = "Choose schemes so that the linears have B bits per weight, scales included.")
  @Nullable Double bits;

  @Option(
      names = "--target-size",
      paramLabel = "BYTES",
      description = "Choose schemes so that all tensors have this size: bytes, or 900MB, 1.5GiB.")
  @Nullable String size;

  @Option(
      names = "--options",
      paramLabel = "A,B,C",
      split = ",",
      description = {
        "Schemes to choose from (those the target's loaders run); source is one. With --max-kld",
        "alone: the smallest output whose predicted divergence stays below it."
      })
  List<String> options = new ArrayList<>();

  @Option(
      names = "--min-bits",
      paramLabel = "MODULE=B",
      description = "Least bits per weight of modules of that last name. Repeat the flag for more.")
  List<String> minBits = new ArrayList<>();

  @Option(
      names = "--sensitivities",
      paramLabel = "FILE",
      description = "Costs that marlin sensitivity measured, instead of measuring them now.")
  @Nullable Path sensitivities;

  @Mixin CostOptions costs = new CostOptions();

  /// What is asked for; empty where nothing is.
  ///
  /// @param maxKld of the gates, null without one
  /// @throws io.metalmarlin.formats.MarlinException `BAD_FLAG`
  Optional<Budget> budget(@Nullable Double maxKld) {
    if (bits != null && size != null) {
      throw UsageErrors.conflict("--target-bpw", "contradicts --target-size", "Give one of them.");
    }
    if (bits != null) {
      if (!(bits > 0)) {
        throw UsageErrors.badValue("--target-bpw", bits.toString(), "must be above 0");
      }
      return Optional.of(new Budget(Budget.Kind.BITS, bits));
    }
    if (size != null) {
      return Optional.of(new Budget(Budget.Kind.BYTES, bytes(size)));
    }
    if (maxKld != null && !options.isEmpty()) {
      return Optional.of(new Budget(Budget.Kind.KLD, maxKld));
    }
    refuse(!options.isEmpty(), "--options");
    refuse(!minBits.isEmpty(), "--min-bits");
    refuse(sensitivities != null, "--sensitivities");
    refuse(costs.fast, "--fast");
    return Optional.empty();
  }

  private static void refuse(boolean given, String flag) {
    if (given) {
      throw UsageErrors.conflict(
          flag,
          "has no effect without a budget",
          "Add --target-bpw or --target-size, or --max-kld with --options.");
    }
  }

  private static double bytes(String text) {
    Matcher m = SIZE.matcher(text);
    if (!m.matches()) {
      throw UsageErrors.badValue("--target-size", text, "is no size such as 900MB or 1.5GiB");
    }
    if (m.group(2) == null) {
      return Double.parseDouble(m.group(1));
    }
    int power = "KMG".indexOf(m.group(2)) + 1;
    return Double.parseDouble(m.group(1)) * Math.pow(m.group(3).isEmpty() ? 1000 : 1024, power);
  }

  Map<String, Double> minimums() {
    Map<String, Double> out = new HashMap<>();
    for (String text : minBits) {
      int at = text.indexOf('=');
      try {
        out.put(text.substring(0, Math.max(0, at)), Double.parseDouble(text.substring(at + 1)));
      } catch (NumberFormatException e) {
        throw UsageErrors.badValue("--min-bits", text, "is not MODULE=B");
      }
    }
    return out;
  }

  /// What a folder is called that was made within a budget.
  String suffix(double bitsPerWeight) {
    return String.format(Locale.ROOT, "-%.2fbpw", bitsPerWeight);
  }
}
