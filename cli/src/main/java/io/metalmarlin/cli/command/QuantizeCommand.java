package io.metalmarlin.cli.command;

import io.metalmarlin.cli.args.UsageErrors;
import io.metalmarlin.cli.out.Failure;
import io.metalmarlin.cli.recipe.Setting;
import io.metalmarlin.cli.view.AllocationView;
import io.metalmarlin.cli.view.PlanView;
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
    RecipeRequest request = recipe.request();
    Path folder = output;
    if (wanted.isPresent()) {
      try {
        Allocation chosen =
            new BudgetRun(session, source, budget, threads).allocate(wanted.get(), request);
        run.allocated(AllocationView.json(chosen));
        request = BudgetRun.request(request, chosen);
        String name = source.name() + budget.suffix(chosen.bitsPerWeight());
        folder = output == null ? session.workingFolder().resolve(name) : output;
      } catch (Stopped e) {
        return Outcome.failed(Costs.stopped(session, source));
      }
    }
    try (Quantization.Prepared prepared = run.prepare(request, folder)) {
      List<Path> weights = prepared.model().checkpoint().files();
      Optional<ShardDeletion> deletion =
          ShardDeletion.of(deleteSourceShards, source, weights, session);
      List<Failure> refusals = run.refusals(prepared.plan());
      if (planOnly()) {
        List<Setting> settings =
            Setting.of(
                spec,
                RecipeSettings.of(prepared.plan().recipe()),
                session.recipe(),
                wanted.isPresent());
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
