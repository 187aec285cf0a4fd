package io.metalmarlin.cli.command;

import io.metalmarlin.cli.args.UsageErrors;
import io.metalmarlin.cli.view.AllocationView;
import io.metalmarlin.cli.view.Records;
import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.quant.plan.Planner;
import io.metalmarlin.quant.plan.Recipe;
import io.metalmarlin.quant.plan.RecipeRequest;
import io.metalmarlin.quant.plan.Recipes;
import io.metalmarlin.quant.plan.SchemeOptions;
import io.metalmarlin.quant.plan.SchemeRule;
import io.metalmarlin.quant.plan.Step;
import io.metalmarlin.quant.sensitivity.Allocation;
import io.metalmarlin.quant.sensitivity.Allocator;
import io.metalmarlin.quant.sensitivity.Budget;
import io.metalmarlin.quant.sensitivity.Sensitivities;
import io.metalmarlin.quant.sensitivity.Sensitivities.UnitCosts;
import io.metalmarlin.quant.sensitivity.Unit;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Model;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// From a budget to a request that names a scheme for every weight.
final class BudgetRun {
  private final Session session;
  private final NamedModel source;
  private final BudgetOptions flags;
  private final int threads;
  private @Nullable Sensitivities measured;

  BudgetRun(Session session, NamedModel source, BudgetOptions flags, int threads) {
    this.session = session;
    this.source = source;
    this.flags = flags;
    this.threads = threads;
  }

  /// @throws io.metalmarlin.quant.sensitivity.Stopped on a signal
  Allocation allocate(Budget budget, RecipeRequest ask) {
    refuse(ask.scheme().isPresent(), "--scheme");
    refuse(ask.groupSize().isPresent(), "--group-size");
    refuse(!ask.overrides().isEmpty(), "--override");
    refuse(ask.sparsity().filter(s -> !s.equals("none")).isPresent(), "--sparsity");
    String target = ask.target().orElse(Recipes.DEFAULT_TARGET);
    List<String> names = new ArrayList<>(flags.options);
    boolean keeps = names.removeIf(SchemeRule.SOURCE::equalsIgnoreCase);
    List<String> wanted = names.isEmpty() ? SchemeOptions.defaults(target) : names;
    try (Model opened = Models.openAny(source.folder())) {
      Model model = Models.expertsApart(opened);
      SequencedMap<String, Recipe> recipes =
          SchemeOptions.recipes(wanted, target, ask.ignore(), model);
      Recipe first = recipes.firstEntry().getValue();
      Sensitivities costs = measured;
      if (costs == null) {
        costs =
            flags.sensitivities == null
                ? new Costs(session, source, threads)
                    .measure(opened, wanted, target, ask.ignore(), flags.costs)
                : read(flags.sensitivities, model, first);
      }
      measured = costs;
      List<String> options = new ArrayList<>(recipes.keySet());
      if (keeps) {
        options.add(SchemeRule.SOURCE);
      }
      long kept =
          Planner.steps(model, first).stream()
              .filter(Step.Keep.class::isInstance)
              .mapToLong(Step::outputBytes)
              .sum();
      Allocation chosen = new Allocator(costs, options, flags.minimums(), kept).allocate(budget);
      session.console().message(AllocationView.line(chosen));
      return chosen;
    }
  }

  /// Chooses once more, with costs as many times as high as the divergence came out above the
  /// prediction; empty where no choice of the options is good enough by them.
  ///
  /// @param missed the divergence that the gate compared with the budget
  Optional<Allocation> again(Budget budget, RecipeRequest ask, Allocation first, double missed) {
    double factor = missed / first.predictedKld();
    session
        .console()
        .message(
            String.format(
                Locale.ROOT,
                "KLD %.5f instead of the predicted %.5f: choosing once more with costs %.2f times as high",
                missed,
                first.predictedKld(),
                factor));
    measured = Objects.requireNonNull(measured, "costs").times(factor);
    try {
      return Optional.of(allocate(budget, ask));
    } catch (MarlinException e) {
      if (e.code() != ErrorCode.TARGET_CANNOT) {
        throw e;
      }
      session.console().message(e.where() + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  /// The user's request with the schemes that were chosen.
  static RecipeRequest request(RecipeRequest ask, Allocation chosen) {
    return ask.withSchemes(chosen.scheme(), chosen.rules().stream().map(SchemeRule::text).toList());
  }

  private static void refuse(boolean given, String flag) {
    if (given) {
      throw UsageErrors.conflict(
          flag, "contradicts a budget, which chooses the schemes", "Leave one of them out.");
    }
  }

  /// Costs from a file, of the same units.
  private static Sensitivities read(Path file, Model model, Recipe recipe) {
    Sensitivities costs;
    try {
      JsonNode json = Records.JSON.readTree(file.toFile());
      if (!Sensitivities.SCHEMA.equals(json.path("schema").asString(""))) {
        throw unusable(file, "is no file of marlin sensitivity");
      }
      costs = Records.JSON.treeToValue(json, Sensitivities.class);
    } catch (JacksonException e) {
      throw unusable(file, "cannot be read: " + e.getOriginalMessage());
    }
    if (!costs.target().equals(recipe.target())) {
      throw unusable(
          file,
          "holds costs for target %s, the output is for %s"
              .formatted(costs.target(), recipe.target()));
    }
    List<String> units = Unit.rounded(model, recipe).stream().map(Unit::name).toList();
    List<String> known = costs.units().stream().map(UnitCosts::unit).toList();
    if (!units.equals(known)) {
      throw unusable(
          file,
          "holds %d units (%s, ...), this model and --ignore have %d (%s, ...)"
              .formatted(known.size(), first(known), units.size(), first(units)));
    }
    return costs;
  }

  private static String first(List<String> names) {
    return names.isEmpty() ? "none" : names.getFirst();
  }

  private static MarlinException unusable(Path file, String what) {
    return new MarlinException(
        ErrorCode.BAD_FLAG,
        "--sensitivities " + file,
        what,
        "Measure them with marlin sensitivity for this model, target and --ignore.");
  }
}
