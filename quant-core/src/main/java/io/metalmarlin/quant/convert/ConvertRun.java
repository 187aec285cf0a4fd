package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.PageCache;
import io.metalmarlin.quant.job.JobCancelledException;
import io.metalmarlin.quant.job.Journal;
import io.metalmarlin.quant.job.OutputFolder;
import io.metalmarlin.quant.job.PartialFolder;
import io.metalmarlin.runtime.blas.Workers;
import java.util.ArrayList;
import java.util.List;

/// One run of a conversion in its partial folder, from wherever an earlier run stopped.
final class ConvertRun implements AutoCloseable {
  /// A larger output is not left in the system's page cache.
  private static final long KEPT = 1L << 30;

  private final ConvertPlan plan;
  private final ConvertOptions options;
  private final ConvertListener listener;
  private final PartialFolder partial;
  private final long start = System.nanoTime();
  private final Workers workers;
  private final Cores cores;
  private final Journal<TensorReport> journal;
  private final CheckpointWriter writer;
  private final ExactSteps exact;
  private final DurableBatches durable;
  private final WrittenDigests written;

  ConvertRun(
      ConvertPlan plan, ConvertOptions options, ConvertListener listener, PartialFolder partial) {
    this.plan = plan;
    this.options = options;
    this.listener = listener;
    this.partial = partial;
    this.workers = new Workers(options.threads());
    this.cores = new Cores(options.threads());
    this.journal = Journal.open(partial.journal(), TensorReport.class);
    this.writer =
        plan.request()
            .to()
            .create(
                partial.model(),
                plan.tensors(),
                Layouts.config(plan.source(), plan.request()),
                plan.source().path(),
                ConvertJob.MAX_SHARD);
    this.written = new WrittenDigests(writer, options.threads(), cores);
    this.durable = new DurableBatches(writer, journal, this::leaveSummed);
    this.exact =
        new ExactSteps(plan.source().checkpoint(), writer, workers, cores, written::advance);
  }

  ConvertResult run() {
    OutputFolder folder = new OutputFolder(partial.model());
    Checkpoint checkpoint = plan.source().checkpoint();
    Digests<SourceMark> marks =
        Digests.start(
            checkpoint.files(),
            options.threads(),
            cores,
            file -> SourceMark.of(checkpoint, file, options.sourceDigest(), cores::pass));
    ConvertDocuments documents = new ConvertDocuments(plan, options, folder);
    documents.writeFirst();
    int resumed = journal.stages();
    runBatches(resumed);
    // Nothing is written to these any more: read the rest of them while the disk catches up.
    written.complete();
    durable.drain();
    writer.commit();
    documents.copySidecars();
    List<TensorReport> reports = new ArrayList<>();
    journal.entries().forEach(e -> reports.addAll(e.reports()));
    StepOrder.restore(plan.steps(), reports);
    ConvertResult result =
        new ConvertResult(
            plan.output(), reports, resumed, plan.outputBytes(), (System.nanoTime() - start) / 1e9);
    documents.writeReports(result, marks.join(), written.join());
    return result;
  }

  private void runBatches(int finished) {
    List<List<ConvertStep>> batches = Batches.of(StepOrder.of(plan.steps(), writer));
    if (finished > 0) {
      listener.resumed(finished, batches.size());
    }
    RoundedSteps rounded =
        new RoundedSteps(
            plan.source().checkpoint(), writer, workers, plan.steps(), plan.importance());
    LaterNeeds needs = LaterNeeds.of(batches);
    batches.stream().skip(finished).forEach(exact::writeSmall);
    long done = 0;
    for (int b = 0; b < batches.size(); b++) {
      List<ConvertStep> batch = batches.get(b);
      if (b >= finished) {
        stopIfCancelled();
        List<TensorReport> reports = new ArrayList<>();
        if (Batches.rounds(batch.getFirst())) {
          for (ConvertStep s : batch) {
            stopIfCancelled();
            reports.add(rounded.run(s));
          }
        } else {
          reports.addAll(exact.run(batch));
        }
        written.advance();
        durable.add(new Journal.Entry<>(b, reports));
        if (Batches.rounds(batch.getFirst())) {
          // Computed, not moved: no run ahead of the journal that a stop would have to do again.
          durable.drain();
        }
        reports.forEach(listener::converted);
        plan.source().checkpoint().keepOnly(needs.after(b));
      }
      done += batch.stream().mapToLong(ConvertStep::sourceBytes).sum();
      listener.progress(done, plan.sourceBytes());
    }
  }

  /// What is written, summed and on the disk is not read by this run again.
  private void leaveSummed() {
    if (plan.outputBytes() > KEPT) {
      written.summed().forEach(PageCache::leave);
    }
  }

  private void stopIfCancelled() {
    if (options.cancelled().getAsBoolean()) {
      durable.drain();
      throw new JobCancelledException(journal.stages(), partial.path());
    }
  }

  @Override
  public void close() {
    written.close();
    durable.close();
    exact.close();
    writer.close();
    journal.close();
    workers.close();
  }
}
