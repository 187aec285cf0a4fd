package io.metalmarlin.quant.job;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.quant.Version;
import io.metalmarlin.quant.plan.Plan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Runs a plan: block by block, journalled, published atomically.
///
/// ```
/// copy kept tensors -> per block: per input group collect statistics, solve, write; then journal
///                   -> proof on the written files -> gates -> documents -> publish
/// ```
public final class Job {
  private Job() {}

  /// Every reason why the plan must not run with these options: the plan's own and those of the
  /// output folder.
  public static List<MarlinException> refusals(Plan plan, JobOptions options) {
    List<MarlinException> all = new ArrayList<>(plan.refusals());
    all.addAll(PartialFolder.refusals(plan.output(), plan.model().folder(), options.overwrite()));
    return all;
  }

  /// The folders of unfinished runs for an output, empty when there are none.
  ///
  /// @throws MarlinException `FILE_UNREADABLE` if the folder around the output cannot be listed
  public static List<Path> unfinished(Path output) {
    return PartialFolder.unfinishedOf(output);
  }

  /// Throws away what unfinished runs of an output left.
  ///
  /// @throws MarlinException `JOB_LOCKED` if one is still running
  public static void discard(Path output) {
    PartialFolder.discard(output);
  }

  /// Runs the plan to the published output.
  ///
  /// @throws MarlinException the first refusal, a solver failure (`NOT_POSITIVE_DEFINITE`), a
  ///   failed gate (`GATE_FAILED`), or an output error; the output folder is then untouched
  /// @throws JobCancelledException when the options' cancel flag was seen; the same command resumes
  public static JobResult run(Plan plan, JobOptions options, JobListener listener) {
    List<MarlinException> refusals = refusals(plan, options);
    if (!refusals.isEmpty()) {
      throw refusals.getFirst();
    }
    // The plan has just dropped texts and token lists. What follows lives outside the heap, so
    // nothing would ever make the heap give that memory back by itself.
    System.gc();
    Fingerprint fingerprint = Fingerprint.of(plan, Version.current());
    PartialFolder partial = PartialFolder.open(plan.output(), fingerprint, options.restart());
    try (JobRun run = new JobRun(plan, options, listener, partial)) {
      JobResult result = run.run();
      partial.publish(plan.output());
      return result;
    } catch (MarlinException e) {
      partial.discardIfWorthless(LayerReport.class, e);
      throw e;
    } finally {
      partial.close();
    }
  }
}
