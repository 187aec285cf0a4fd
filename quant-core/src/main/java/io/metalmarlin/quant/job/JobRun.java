package io.metalmarlin.quant.job;

import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.quant.fold.Folding;
import io.metalmarlin.quant.plan.Folds;
import io.metalmarlin.quant.plan.Plan;
import io.metalmarlin.quant.plan.Step;
import io.metalmarlin.quant.plan.Target;
import io.metalmarlin.quant.solve.Methods;
import io.metalmarlin.quant.transform.Transforms;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Backends;
import io.metalmarlin.runtime.blas.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One run of a job in its partial folder, from wherever an earlier run stopped.
final class JobRun implements AutoCloseable {

  private final Plan asked;
  private final JobOptions options;
  private final JobListener listener;
  private final PartialFolder partial;
  private final long start = System.nanoTime();
  private final Workers workers;
  private final Backend backend;
  private final Journal<LayerReport> journal;
  private final CheckpointWriter writer;
  private Folding folding = new Folding();

  /// What was asked, with its model as it is folded.
  private Plan plan;

  JobRun(Plan plan, JobOptions options, JobListener listener, PartialFolder partial) {
    this.asked = plan;
    this.plan = plan;
    this.options = options;
    this.listener = listener;
    this.partial = partial;
    this.workers = new Workers(options.threads());
    this.backend = Backends.open("cpu", options.threads());
    this.journal = Journal.open(partial.journal(), LayerReport.class);
    this.writer =
        plan.dialect()
            .create(
                partial.model(),
                plan.tensors(),
                plan.model().config(),
                plan.model().folder(),
                Target.named(plan.recipe().target()).maxShardBytes());
  }

  JobResult run() {
    ProofRunner prover = new ProofRunner(asked, options, listener, backend, workers);
    prover.check();
    fold();
    OutputFiles files = new OutputFiles(plan, partial.model());
    files.writeDocuments();
    copyKept();
    int resumed = journal.stages();
    if (resumed > 0) {
      listener.resumed(resumed, blocks().size());
    }
    runBlocks(resumed);
    writer.commit();
    files.copySidecars();
    Optional<JobOptions.Proof> proof = prover.run(partial.model());
    listener.stage("publish");
    List<LayerReport> layers = layers();
    JobResult result =
        new JobResult(
            plan.output(),
            resumed,
            layers,
            proof,
            plan.outputBytes(),
            plan.bitsPerWeight(),
            (System.nanoTime() - start) / 1e9);
    files.writeReports(result, options);
    return result;
  }

  /// The same for every run of a job, so one that is resumed goes on with the same model.
  private void fold() {
    // Transforms stand in the configuration, which is written again by every run.
    boolean needed =
        journal.stages() < blocks().size() || Transforms.chosen(plan.recipe().transform());
    if (needed && plan.calibration().isPresent() && Folds.wanted(plan.recipe())) {
      folding =
          new FoldRun(plan, workers, listener, this::stopIfCancelled)
              .choose(backend, partial.scratch());
      plan = plan.with(folding.applyTo(plan.model()), this::folded);
    }
  }

  private Step folded(Step step) {
    return switch (step) {
      case Step.Quantize q -> q.behind(folding.transform(q.linear(), q.transform()));
      case Step.Keep k when folding.scales(k.tensor().name()) ->
          new Step.Keep(k.tensor(), k.reason() + ", scaled");
      case Step.Keep k -> k;
    };
  }

  private void copyKept() {
    if (journal.copied()) {
      return;
    }
    listener.stage("copy");
    List<Step.Keep> kept = new ArrayList<>();
    plan.steps()
        .forEach(s -> {
          if (s instanceof Step.Keep k) {
            kept.add(k);
          }
        });
    for (int i = 0; i < kept.size(); i++) {
      String name = kept.get(i).tensor().name();
      writer.write(name, 0, plan.model().checkpoint().bytes(name));
      stopIfCancelled();
      listener.progress(i + 1, kept.size());
    }
    plan.quantized().forEach(q -> StoredShapes.write(q, writer));
    writer.sync();
    journal.append(new Journal.Entry<>(Journal.COPIED, List.of()));
  }

  private void runBlocks(int finished) {
    List<List<Step.Quantize>> blocks = blocks();
    BlockSolver solver =
        new BlockSolver(
            plan.model(),
            plan.recipe(),
            Methods.of(plan.recipe().method()),
            new BlockImportance(plan.importance()),
            folding,
            writer,
            workers,
            this::stopIfCancelled);
    if (plan.calibration().isEmpty()) {
      for (int b = finished; b < blocks.size(); b++) {
        listener.blockStarted(b, blocks.size());
        finish(b, blocks.size(), solver.solve(blocks.get(b), null, listener::weightDone));
      }
      return;
    }
    if (finished < blocks.size()) {
      try (CalibratedBlocks calibrated =
          new CalibratedBlocks(
              plan, backend, workers, partial, solver, listener, this::stopIfCancelled)) {
        calibrated.start(blocks.subList(0, finished));
        for (int b = finished; b < blocks.size(); b++) {
          listener.blockStarted(b, blocks.size());
          finish(b, blocks.size(), calibrated.solve(b, blocks.get(b)));
          if (b + 1 < blocks.size()) {
            calibrated.leave(b);
          }
        }
      }
    }
  }

  private void finish(int block, int blocks, List<LayerReport> reports) {
    writer.sync();
    journal.append(new Journal.Entry<>(block, reports));
    for (LayerReport r : reports) {
      if (r.dampingRetries() > 0) {
        listener.warning(
            "W201",
            r.module(),
            "damping was raised %d times to %.3g before the Hessian could be factored"
                .formatted(r.dampingRetries(), r.damping()));
      }
    }
    listener.blockDone(block, blocks);
    stopIfCancelled();
  }

  /// The quantize steps by block; a block whose linears are all ignored has an empty list.
  private List<List<Step.Quantize>> blocks() {
    List<List<Step.Quantize>> blocks = new ArrayList<>();
    plan.model().spec().blocks().forEach(b -> blocks.add(new ArrayList<>()));
    plan.quantized().forEach(q -> blocks.get(q.linear().id().layer()).add(q));
    return blocks;
  }

  private List<LayerReport> layers() {
    return journal.entries().stream().flatMap(e -> e.reports().stream()).toList();
  }

  private void stopIfCancelled() {
    if (options.cancelled().getAsBoolean()) {
      throw new JobCancelledException(journal.stages(), partial.path());
    }
  }

  @Override
  public void close() {
    if (plan != asked) {
      plan.model().close();
    }
    writer.close();
    journal.close();
    backend.close();
    workers.close();
  }
}
