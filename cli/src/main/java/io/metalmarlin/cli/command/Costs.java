package io.metalmarlin.cli.command;

import io.metalmarlin.cli.args.UsageErrors;
import io.metalmarlin.cli.out.Failure;
import io.metalmarlin.cli.progress.CountProgress;
import io.metalmarlin.cli.progress.JobProgress;
import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.quant.calibrate.CalibrationSet;
import io.metalmarlin.quant.calibrate.CalibrationTexts;
import io.metalmarlin.quant.plan.Recipe;
import io.metalmarlin.quant.plan.SchemeOptions;
import io.metalmarlin.quant.sensitivity.CostWindows;
import io.metalmarlin.quant.sensitivity.Measurement;
import io.metalmarlin.quant.sensitivity.Sensitivities;
import io.metalmarlin.runtime.model.Model;
import java.util.List;
import java.util.SequencedMap;

/// Measures the costs of weights, for `sensitivity` and for a budget of `quantize`.
final class Costs {
  private static final int CONTEXT = 512;

  /// Of progress, where there is no terminal.
  private static final int LINES = 10;

  private final Session session;
  private final NamedModel source;
  private final int threads;

  Costs(Session session, NamedModel source, int threads) {
    this.session = session;
    this.source = source;
    this.threads = threads;
  }

  /// @param schemes empty for the target's own
  /// @throws io.metalmarlin.quant.sensitivity.Stopped on a signal
  Sensitivities measure(
      Model model, List<String> schemes, String target, List<String> ignore, CostOptions how) {
    if (how.windows != null && how.windows < 1) {
      throw UsageErrors.badValue("--cost-windows", how.windows + "", "must be at least 1");
    }
    if (!model.spec().runnable()) {
      throw new MarlinException(
          ErrorCode.UNSUPPORTED_MODEL,
          model.config().file().toString(),
          "costs are measured by running the model, and model_type \"%s\" is not known"
              .formatted(model.spec().family()),
          "`marlin models` lists those that run.");
    }
    SequencedMap<String, Recipe> recipes =
        SchemeOptions.recipes(
            schemes.isEmpty() ? SchemeOptions.defaults(target) : schemes, target, ignore, model);
    int context = Math.min(CONTEXT, model.spec().maxPositions());
    Recipe any = recipes.firstEntry().getValue();
    CalibrationSet tokens =
        CalibrationTexts.load(
            how.dataset,
            model,
            available ->
                how.windows != null
                    ? how.windows
                    : CostWindows.affordable(model, any, available, context),
            context,
            0);
    session.interrupt().install(() -> session.console().message("stopping ..."));
    CountProgress progress =
        new CountProgress(session.console(), "trial", JobProgress::systemSeconds, LINES);
    try {
      return new Measurement(
              model, recipes, tokens, how.fast, threads, progress::windows, session.interrupt())
          .run(source.source());
    } finally {
      session.console().endLive();
    }
  }

  /// What a signal during the measurement means.
  static Failure stopped(Session session, NamedModel source) {
    return new Failure(
        session.interrupt().signalName(),
        source.name(),
        "stopped while costs were measured; nothing was kept",
        "Run the same command again.",
        session.interrupt().exitCode());
  }
}
