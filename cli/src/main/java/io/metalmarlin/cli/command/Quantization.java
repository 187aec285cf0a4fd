package io.metalmarlin.cli.command;

import io.metalmarlin.cli.out.Console;
import io.metalmarlin.cli.out.Failure;
import io.metalmarlin.cli.out.Json;
import io.metalmarlin.cli.out.ShellWords;
import io.metalmarlin.cli.out.Warning;
import io.metalmarlin.cli.progress.CountProgress;
import io.metalmarlin.cli.progress.JobProgress;
import io.metalmarlin.cli.progress.ResidentMemory;
import io.metalmarlin.cli.recipe.RecipeKeys;
import io.metalmarlin.cli.view.EvaluationView;
import io.metalmarlin.cli.view.GateView;
import io.metalmarlin.cli.view.JobView;
import io.metalmarlin.cli.view.RecipeView;
import io.metalmarlin.quant.job.GateFailedException;
import io.metalmarlin.quant.job.Job;
import io.metalmarlin.quant.job.JobCancelledException;
import io.metalmarlin.quant.job.JobOptions;
import io.metalmarlin.quant.job.JobResult;
import io.metalmarlin.quant.plan.Machine;
import io.metalmarlin.quant.plan.Plan;
import io.metalmarlin.quant.plan.Planner;
import io.metalmarlin.quant.plan.Recipe;
import io.metalmarlin.quant.plan.RecipeRequest;
import io.metalmarlin.quant.plan.Recipes;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.text.TextFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The steps that one quantization and the demo's three have in common: plan, refusals, job.
final class Quantization {
  static final int REFUSED = 3;

  private final Session session;
  private final NamedModel source;
  private final JobFlags flags;
  private final Machine machine;
  private final CommandSpec spec;
  private JobOptions options;
  private OptionalDouble missed = OptionalDouble.empty();

  /// @param spec of the command, after parsing
  Quantization(
      Session session, NamedModel source, JobFlags flags, Machine machine, CommandSpec spec) {
    this.session = session;
    this.source = source;
    this.flags = flags;
    this.machine = machine;
    this.spec = spec;
    this.options = options(flags.gates.gates());
  }

  /// A plan with the model it maps; closing unmaps it.
  record Prepared(Plan plan, Model model) implements AutoCloseable {
    @Override
    public void close() {
      model.close();
    }
  }

  /// Reports say how the schemes were chosen.
  void allocated(JsonNode allocation) {
    options = options.with(allocation);
  }

  Console console() {
    return session.console();
  }

  /// @param output null for the default name
  Prepared prepare(RecipeRequest request, @Nullable Path output) {
    Model model = Models.openAny(source.folder());
    try {
      Recipe recipe = Recipes.resolve(request, model);
      console().detail("recipe: " + RecipeView.line(recipe));
      Path out =
          output == null
              ? OutputNames.folder(session.workingFolder(), source.name(), recipe)
              : output;
      CountProgress progress =
          new CountProgress(console(), "checking the source", JobProgress::systemSeconds);
      Plan plan = Planner.plan(model, recipe, out, machine, progress::share);
      console().endLive();
      plan.warnings().forEach(w -> console().warn(new Warning(w.code(), w.where(), w.message())));
      return new Prepared(plan, model);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /// Every reason not to run, the plan's own and those of the folders.
  List<Failure> refusals(Plan plan) {
    List<Failure> all = new ArrayList<>();
    Job.refusals(plan, options).forEach(e -> all.add(Failure.of(e)));
    if (flags.noFallback && !plan.fallbacks().isEmpty()) {
      Plan.Warning first = plan.fallbacks().getFirst();
      all.add(
          new Failure(
              "E331",
              first.where(),
              first.message()
                  + ", and --no-fallback was given (%d such weights)"
                      .formatted(plan.fallbacks().size()),
              "Choose a type with smaller blocks, keep them with --ignore, or leave --no-fallback out.",
              REFUSED));
    }
    if (flags.resume && Job.unfinished(plan.output()).isEmpty()) {
      all.add(
          new Failure(
              "E322",
              plan.output().toString(),
              "--resume was given, and there is no unfinished run of this output",
              "Leave --resume out to start one.",
              REFUSED));
    }
    return all;
  }

  /// From here on a signal stops the job after the current weight.
  void takeSignals() {
    session.interrupt().install(() -> console().message("stopping after the current weight ..."));
  }

  /// Runs a plan to its published output, or to the point where a signal stopped it.
  Outcome run(Plan plan) {
    takeSignals();
    try {
      JobResult r = job(plan, options, "");
      OptionalLong peak = ResidentMemory.peak();
      JsonNode chosen = options.allocation();
      return Outcome.ok(JobView.json(plan, r, peak, chosen), JobView.text(plan, r, peak, chosen));
    } catch (GateFailedException e) {
      missed =
          e.proof().gates().stream()
              .filter(g -> g.name().equals("max-kld") && !g.pass())
              .mapToDouble(JobOptions.GateResult::value)
              .filter(Double::isFinite)
              .findFirst();
      return gateFailed(e);
    } catch (JobCancelledException e) {
      return Outcome.failed(interrupted(e, plan));
    }
  }

  /// What the last run's gate on the divergence compared with its limit; empty unless it failed.
  OptionalDouble missed() {
    return missed;
  }

  /// Nothing was published, but what was measured is the answer to the question.
  Outcome gateFailed(GateFailedException e) {
    JobOptions.Proof p = e.proof();
    ObjectNode json = Json.object();
    json.set("evaluation", EvaluationView.json(p.result(), p.text()));
    json.set("gates", GateView.json(p.gates(), p.result()));
    return new Outcome(
        json,
        EvaluationView.text(p.result(), p.text()) + GateView.text(p.gates()),
        List.of(Failure.of(e)));
  }

  JobResult job(Plan plan, JobOptions how, String label) {
    JobProgress progress =
        new JobProgress(console(), label, plan.estimate().seconds(), JobProgress::systemSeconds);
    try {
      return Job.run(plan, how, flags.noFallback ? new NoFallback(progress) : progress);
    } finally {
      console().endLive();
    }
  }

  Failure interrupted(JobCancelledException e, Plan plan) {
    return new Failure(
        session.interrupt().signalName(),
        e.partialFolder().toString(),
        "stopped after %d of %d blocks; they are saved"
            .formatted(e.finishedBlocks(), plan.model().spec().blocks().size()),
        "Go on with: marlin " + ShellWords.join(session.arguments()),
        session.interrupt().exitCode());
  }

  /// A signal came while something was made that is thrown away anyway.
  Failure abandoned() {
    return new Failure(
        session.interrupt().signalName(),
        source.name(),
        "stopped; nothing was kept",
        "Run the same command again.",
        session.interrupt().exitCode());
  }

  JobOptions options() {
    return options;
  }

  /// The same options without gates.
  JobOptions ungated() {
    return options(JobOptions.Gates.NONE);
  }

  private JobOptions options(JobOptions.Gates gates) {
    return new JobOptions(
        machine.threads(),
        flags.overwrite,
        flags.restart,
        flags.windows(),
        Optional.ofNullable(flags.evalText).map(TextFiles::read),
        gates,
        session.interrupt(),
        source.source(),
        command(),
        RecipeKeys.others(spec),
        null);
  }

  private List<String> command() {
    List<String> words = new ArrayList<>(List.of("marlin"));
    words.addAll(session.arguments());
    return words;
  }
}
