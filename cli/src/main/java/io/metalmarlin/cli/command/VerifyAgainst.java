package io.metalmarlin.cli.command;

import io.metalmarlin.cli.progress.CountProgress;
import io.metalmarlin.cli.progress.JobProgress;
import io.metalmarlin.cli.view.ComparedWith;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.quant.verify.Subject;
import io.metalmarlin.quant.verify.Subjects;
import io.metalmarlin.quant.verify.WeightError;
import io.metalmarlin.quant.verify.WeightErrors;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Backends;
import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.decode.Decoder;
import io.metalmarlin.runtime.eval.EvalOptions;
import io.metalmarlin.runtime.eval.EvalResult;
import io.metalmarlin.runtime.eval.Evaluator;
import io.metalmarlin.runtime.load.ModelTexts;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Model;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The part of `verify` that needs another checkpoint: errors of the weights, and the divergence on
/// a text where both can be run.
final class VerifyAgainst {
  private final Session session;
  private final Subject subject;
  private final Path place;
  private final Path reference;
  private final WorkOptions work;

  /// @param place what was opened as `subject`
  VerifyAgainst(Session session, Subject subject, Path place, Path reference, WorkOptions work) {
    this.session = session;
    this.subject = subject;
    this.place = place;
    this.reference = reference;
    this.work = work;
  }

  /// @param windows of the text to measure, 0 for none
  ComparedWith run(EvaluationText text, int windows) {
    List<WeightError> errors;
    try (Subject other = Subjects.open(reference, Optional.empty(), 1);
        Workers workers = new Workers(work.threads())) {
      errors = WeightErrors.of(subject, other, workers);
    }
    if (windows == 0) {
      return ComparedWith.weights(reference, errors, "--max-windows 0 asks for no measurement");
    }
    try {
      return ComparedWith.measured(reference, errors, text.name(), measure(text, windows));
    } catch (MarlinException e) {
      // Not every checkpoint that can be verified can be run here.
      return ComparedWith.weights(reference, errors, e.where() + ": " + e.getMessage());
    }
  }

  private EvalResult measure(EvaluationText text, int windows) {
    CountProgress progress =
        new CountProgress(session.console(), "window", JobProgress::systemSeconds);
    try (Model model = Models.open(place);
        Model other = Models.open(reference);
        Backend backend = Backends.open(EvalCommand.CPU, work.threads());
        Decoder decoder = new Decoder(model.spec(), model.weights(), backend);
        Decoder against = new Decoder(other.spec(), other.weights(), backend);
        Workers workers = new Workers(work.threads())) {
      int[] ids = ModelTexts.tokenizer(other).encode(text.text());
      int context = Math.min(EvalOptions.DEFAULTS.context(), model.spec().maxPositions());
      return new Evaluator(workers)
          .run(decoder, against, ids, new EvalOptions(context, windows), progress);
    }
  }
}
