package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.quant.Version;
import io.metalmarlin.quant.job.PartialFolder;
import java.util.ArrayList;
import java.util.List;

/// Runs a conversion plan: batch by batch, journalled, published atomically.
public final class ConvertJob {
  /// Largest file of an output.
  public static final long MAX_SHARD = 5_000_000_000L;

  private ConvertJob() {}

  /// Every reason why the plan must not run with these options: the plan's own and those of the
  /// output folder.
  public static List<MarlinException> refusals(ConvertPlan plan, ConvertOptions options) {
    List<MarlinException> all = new ArrayList<>(plan.refusals());
    all.addAll(PartialFolder.refusals(plan.output(), plan.source().path(), options.overwrite()));
    return all;
  }

  /// Runs the plan to the published output.
  ///
  /// @throws MarlinException the first refusal, an input or an output error; the output folder is
  ///   then untouched
  /// @throws io.metalmarlin.quant.job.JobCancelledException when the options' cancel flag was seen;
  ///   the same command resumes
  public static ConvertResult run(
      ConvertPlan plan, ConvertOptions options, ConvertListener listener) {
    List<MarlinException> refusals = refusals(plan, options);
    if (!refusals.isEmpty()) {
      throw refusals.getFirst();
    }
    PartialFolder partial =
        PartialFolder.open(
            plan.output(), ConvertFingerprint.of(plan, Version.current()), options.restart());
    try (ConvertRun run = new ConvertRun(plan, options, listener, partial)) {
      ConvertResult result = run.run();
      partial.publish(plan.output());
      return result;
    } catch (MarlinException e) {
      partial.discardIfWorthless(TensorReport.class, e);
      throw e;
    } finally {
      partial.close();
    }
  }
}
