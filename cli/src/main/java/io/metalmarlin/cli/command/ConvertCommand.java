package io.metalmarlin.cli.command;

import io.metalmarlin.cli.args.UsageErrors;
import io.metalmarlin.cli.out.Failure;
import io.metalmarlin.cli.out.ShellWords;
import io.metalmarlin.cli.out.Warning;
import io.metalmarlin.cli.progress.CountProgress;
import io.metalmarlin.cli.progress.JobProgress;
import io.metalmarlin.cli.view.ConvertPlanView;
import io.metalmarlin.cli.view.ConvertView;
import io.metalmarlin.formats.container.safetensors.StreamedShards;
import io.metalmarlin.quant.convert.ConvertJob;
import io.metalmarlin.quant.convert.ConvertListener;
import io.metalmarlin.quant.convert.ConvertOptions;
import io.metalmarlin.quant.convert.ConvertPlan;
import io.metalmarlin.quant.convert.ConvertPlanner;
import io.metalmarlin.quant.convert.ConvertRequest;
import io.metalmarlin.quant.convert.ConvertSource;
import io.metalmarlin.quant.job.JobCancelledException;
import io.metalmarlin.quant.job.PartialFolder;
import io.metalmarlin.runtime.hub.HubShards;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `marlin convert SRC -o DIR --to DIALECT`: the same weights in another dialect, bit for bit where
/// the grids allow it.
@CommandLine.Command(
    name = "convert",
    header = "Convert a checkpoint between dialects, losslessly where the grids allow.",
    description = {
      "SRC is a folder, a .gguf file or org/name on the Hugging Face Hub. Where weights would",
      "have to be rounded, nothing is written without --allow-lossy."
    },
    sortOptions = false)
final class ConvertCommand extends Command {
  private static final int REFUSED = 3;

  @Parameters(
      paramLabel = "SRC",
      description = "Folder, .gguf file, org/name[@revision][:FILE] or demo.")
  String model = "";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      description = "Output folder (<Model>-<dialect> in the working folder).")
  @Nullable Path output;

  @Mixin DialectOptions dialect = new DialectOptions();

  @Option(names = "--dry-run", description = "Print the plan and write nothing.")
  boolean dryRun;

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

  @Option(
      names = "--source-sha256",
      description =
          "Put the sha256 of the source's files into the manifest too; they are read for it.")
  boolean sourceDigest;

  @Option(
      names = "--delete-source-shards",
      description =
          "Delete the source's weights from the cache when they are no longer needed; only what marlin downloaded.")
  boolean deleteSourceShards;

  @Mixin SourceOptions sources = new SourceOptions();
  @Mixin WorkOptions work = new WorkOptions();

  @Override
  protected boolean verbose() {
    return work.verbose;
  }

  @Override
  public Outcome execute(Session session) throws IOException {
    if (resume && restart) {
      throw UsageErrors.conflict(
          "--resume", "contradicts --restart", "Give one of them, or neither.");
    }
    int threads = work.threads();
    ConvertRequest request = dialect.request();
    Optional<HubShards> shards =
        deleteSourceShards ? NamedModel.shards(model, sources, session) : Optional.empty();
    NamedModel source =
        shards.isPresent()
            ? NamedModel.of(shards.get(), model)
            : NamedModel.find(model, sources, session);
    try (ConvertSource opened = open(source, shards)) {
      List<Path> weights = opened.checkpoint().files();
      Optional<ShardDeletion> deletion =
          ShardDeletion.of(deleteSourceShards, source, weights, session);
      Path out =
          output == null
              ? session.workingFolder().resolve(source.name() + "-" + request.to().name())
              : output;
      CountProgress progress =
          new CountProgress(session.console(), "reading scales", JobProgress::systemSeconds);
      ConvertPlan plan = ConvertPlanner.plan(opened, request, out, threads, progress::share);
      session.console().endLive();
      plan.warnings()
          .forEach(w -> session.console().warn(new Warning(w.code(), w.where(), w.message())));
      ConvertOptions options =
          new ConvertOptions(
              threads,
              overwrite,
              restart,
              sourceDigest,
              session.interrupt(),
              source.source(),
              command(session));
      List<Failure> refusals = refusals(plan, options);
      if (dryRun) {
        return new Outcome(
            ConvertPlanView.json(plan, refusals),
            ConvertPlanView.text(plan),
            refusals.stream().map(f -> f.withExit(REFUSED)).toList());
      }
      if (!refusals.isEmpty()) {
        return new Outcome(null, "", refusals);
      }
      Outcome outcome = run(session, plan, options);
      if (outcome.exit() == 0) {
        deletion.ifPresent(d -> d.run(weights, session));
      }
      return outcome;
    }
  }

  private static ConvertSource open(NamedModel source, Optional<HubShards> shards) {
    return shards.isPresent()
        ? ConvertSource.open(source.folder(), new StreamedShards(shards.get()))
        : ConvertSource.open(source.folder());
  }

  private Outcome run(Session session, ConvertPlan plan, ConvertOptions options) {
    session
        .interrupt()
        .install(() -> session.console().message("stopping after the current batch ..."));
    CountProgress progress =
        new CountProgress(session.console(), "converting", JobProgress::systemSeconds);
    ConvertListener listener =
        new ConvertListener() {
          @Override
          public void resumed(int finished, int batches) {
            session
                .console()
                .message(
                    "going on after batch %d of %d, finished by an earlier run"
                        .formatted(finished, batches));
          }

          @Override
          public void progress(long done, long total) {
            progress.share((double) done / Math.max(1, total));
          }
        };
    try {
      var result = ConvertJob.run(plan, options, listener);
      session.console().endLive();
      return Outcome.ok(ConvertView.json(plan, result), ConvertView.text(plan, result));
    } catch (JobCancelledException e) {
      session.console().endLive();
      return Outcome.failed(
          new Failure(
              session.interrupt().signalName(),
              e.partialFolder().toString(),
              "stopped after %d finished batches; they are saved".formatted(e.finishedBlocks()),
              "Go on with: marlin " + ShellWords.join(session.arguments()),
              session.interrupt().exitCode()));
    }
  }

  private List<Failure> refusals(ConvertPlan plan, ConvertOptions options) {
    List<Failure> all = new ArrayList<>();
    ConvertJob.refusals(plan, options).forEach(e -> all.add(Failure.of(e)));
    if (resume && PartialFolder.unfinishedOf(plan.output()).isEmpty()) {
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

  private static List<String> command(Session session) {
    List<String> words = new ArrayList<>(List.of("marlin"));
    words.addAll(session.arguments());
    return words;
  }
}
