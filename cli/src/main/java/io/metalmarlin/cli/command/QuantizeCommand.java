package io.metalmarlin.cli.command;

import io.metalmarlin.cli.args.UsageErrors;
import io.metalmarlin.cli.out.Failure;
import io.metalmarlin.cli.recipe.Setting;
import io.metalmarlin.cli.view.AllocationView;
import io.metalmarlin.cli.view.PlanView;
import io.metalmarlin.quant.job.Job;
import io.metalmarlin.quant.plan.Machine;
import io.metalmarlin.quant.plan.RecipeRequest;
import io.metalmarlin.quant.plan.RecipeSettings;
import io.metalmarlin.quant.sensitivity.Allocation;
import io.metalmarlin.quant.sensitivity.Budget;
import io.metalmarlin.quant.sensitivity.Stopped;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `marlin quantize MODEL`: the whole road from a dense checkpoint to a proven NVFP4 one.
@CommandLine.Command(
    name = "quantize",
    header = "Quantize a checkpoint and measure the result against its source.",
    description = {
      "MODEL is a folder, org/name on the Hugging Face Hub, or demo: the embedded model,",
      "quantized with four methods and compared."
    },
    sortOptions = false)
class QuantizeCommand extends Command {
  @Parameters(paramLabel = "MODEL", description = "Folder, org/name[@revision][:FILE] or demo.")
  String model = "";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      description = "Output folder (<Model>-<Scheme> in the working folder).")
  @Nullable Path output;

  @Option(
      names = "--recipe",
      paramLabel = "FILE",
      description = {
        "YAML whose keys are the flags that decide what is made (docs/recipes.md), such as the",
        "recipe.yaml beside an output. Flags given as well win."
      })
  @Nullable Path recipeFile;

  @Mixin RecipeOptions recipe = new RecipeOptions();

  @Mixin BudgetOptions budget = new BudgetOptions();

  @Option(names = "--dry-run", description = "Print the plan and write nothing.")
  boolean dryRun;

  @Option(
      names = "--delete-source-shards",
      description =
          "Delete the source's weights from the cache when they are no longer needed; only what marlin downloaded.")
  boolean deleteSourceShards;

  @Mixin JobFlags job = new JobFlags();
  @Mixin SourceOptions sources = new SourceOptions();
  @Mixin WorkOptions work = new WorkOptions();

  @Override
  protected boolean verbose() {
    return work.verbose;
  }

  /// Whether only the plan is wanted.
  boolean planOnly() {
    return dryRun;
  }

  @Override
  public Outcome execute(Session session) throws IOException {
    job.check();
    int threads = work.threads();
    NamedModel source = NamedModel.find(model, sources, session);
    Optional<Budget> wanted = budget.budget(job.gates.maxKld);
    boolean comparison = source.demo() && recipe.method == null && !planOnly() && wanted.isEmpty();
    if (comparison && deleteSourceShards) {
      throw UsageErrors.conflict(
          "--delete-source-shards", "has no effect on the demo", "Leave it out.");
    }
    job.resolve(comparison);
    Quantization run = new Quantization(session, source, job, Machine.here(threads), spec);
    if (comparison) {
      return new DemoComparison(run, recipe.request(), output).run();
    }
    RecipeRequest ask = recipe.request();
    if (wanted.isEmpty()) {
      return attempt(session, source, run, ask, output, false);
    }
    try {
      return within(wanted.get(), session, source, run, ask);
    } catch (Stopped e) {
      return Outcome.failed(Costs.stopped(session, source));
    }
  }

  /// The run with the schemes that the budget chose; once more where it is a divergence and came
  /// out above the limit.
  private Outcome within(
      Budget wanted, Session session, NamedModel source, Quantization run, RecipeRequest ask)
      throws IOException {
    BudgetRun costs = new BudgetRun(session, source, budget, work.threads());
    Allocation chosen = costs.allocate(wanted, ask);
    Path folder = folder(session, source, chosen);
    run.allocated(AllocationView.json(chosen));
    Outcome first = attempt(session, source, run, BudgetRun.request(ask, chosen), folder, true);
    OptionalDouble missed = run.missed();
    if (wanted.kind() != Budget.Kind.KLD || missed.isEmpty()) {
      return first;
    }
    Optional<Allocation> better = costs.again(wanted, ask, chosen, missed.getAsDouble());
    if (better.isEmpty()) {
      return first;
    }
    Job.discard(folder);
    Path again = folder(session, source, better.get());
    run.allocated(AllocationView.json(better.get()));
    Outcome second =
        attempt(session, source, run, BudgetRun.request(ask, better.get()), again, true);
    if (session.interrupt().getAsBoolean() && second.exit() == session.interrupt().exitCode()) {
      // The same command would begin with the first choice, for which this is another's work.
      Job.discard(again);
      return Outcome.failed(run.abandoned());
    }
    return second;
  }

  private Path folder(Session session, NamedModel source, Allocation chosen) {
    return output == null
        ? session.workingFolder().resolve(source.name() + budget.suffix(chosen.bitsPerWeight()))
        : output;
  }

  private Outcome attempt(
      Session session,
      NamedModel source,
      Quantization run,
      RecipeRequest request,
      @Nullable Path folder,
      boolean chosen)
      throws IOException {
    try (Quantization.Prepared prepared = run.prepare(request, folder)) {
      List<Path> weights = prepared.model().checkpoint().files();
      Optional<ShardDeletion> deletion =
          ShardDeletion.of(deleteSourceShards, source, weights, session);
      List<Failure> refusals = run.refusals(prepared.plan());
      if (planOnly()) {
        List<Setting> settings =
            Setting.of(spec, RecipeSettings.of(prepared.plan().recipe()), session.recipe(), chosen);
        return new Outcome(
            PlanView.json(prepared.plan(), settings, refusals),
            PlanView.text(prepared.plan(), settings),
            refusals.stream().map(f -> f.withExit(Quantization.REFUSED)).toList());
      }
      if (!refusals.isEmpty()) {
        return new Outcome(null, "", refusals);
      }
      Outcome outcome = run.run(prepared.plan());
      if (outcome.exit() == 0) {
        deletion.ifPresent(d -> d.run(weights, session));
      }
      return outcome;
    }
  }
}
