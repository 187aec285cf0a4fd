package io.metalmarlin.runtime.eval;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.backend.CacheUse;
import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.decode.Decoder;
import io.metalmarlin.runtime.model.ModelSpec;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Measures a model on a text: perplexity, and with a reference KL divergence and top-1 agreement.
///
/// Protocol `ctxN-second-half`: the text's tokens are cut into non-overlapping windows of N,
/// without any begin token, the remainder dropped; positions N/2 .. N-2 are scored, each predicting
/// the token after it. The perplexity over all positions 0 .. N-2 of the same windows is reported
/// beside it.
public final class Evaluator {
  // Tokens that go through the models at once.
  private static final int BATCH = 1024;

  private final Workers workers;

  /// @param workers threads that share the sums over the vocabulary; not closed here
  public Evaluator(Workers workers) {
    this.workers = workers;
  }

  /// Runs model and reference, if there is one, on the same windows.
  ///
  /// @throws MarlinException as below
  public EvalResult run(
      Decoder model,
      @Nullable Decoder reference,
      int[] tokens,
      EvalOptions options,
      EvalListener listener) {
    return measure(
        model, reference == null ? null : new Baseline(reference, null), tokens, options, listener);
  }

  /// Runs a model on the windows of a text, and compares it with a baseline.
  ///
  /// @param reference what to compare with, or null
  /// @param tokens the whole text
  /// @throws MarlinException `CALIBRATION_TOO_SHORT` for less than one window, `BAD_FLAG` for a
  ///   context the model does not have or models of different vocabularies, `TENSOR_MISMATCH` for
  ///   ids outside the vocabulary, `NUMERIC_FAILURE` for logits that are not finite
  public EvalResult measure(
      Decoder model,
      @Nullable Baseline reference,
      int[] tokens,
      EvalOptions options,
      EvalListener listener) {
    long start = System.nanoTime();
    int context = options.context();
    int windows = check(model.spec(), tokens, options);
    if (reference != null) {
      checkPair(model.spec(), reference.decoder().spec());
    }
    int chosen = Math.min(windows, options.maxWindows());
    if (reference != null && reference.file() != null) {
      reference.file().check(reference.decoder(), context, chosen);
    }
    int scored = ReferenceFile.scored(context);
    int vocabulary = model.spec().vocabulary();
    PositionScores second = new PositionScores(chosen, scored, vocabulary, reference != null);
    PositionScores first = new PositionScores(chosen, context / 2, vocabulary, false);
    Optional<CacheUse> use;
    SaveReference save = options.save();
    try (ReferenceWriter writer =
            save == null
                ? null
                : new ReferenceWriter(save.file(), save.source(), model, context, chosen);
        WindowBatch batch =
            new WindowBatch(
                model,
                reference,
                context,
                Math.max(1, BATCH / context),
                options.cache(),
                writer,
                workers)) {
      for (int w = 0; w < chosen; w += batch.capacity()) {
        int n = Math.min(batch.capacity(), chosen - w);
        int[] ids = new int[n * context];
        for (int i = 0; i < n; i++) {
          int window = (int) ((long) (w + i) * windows / chosen);
          System.arraycopy(tokens, window * context, ids, i * context, context);
        }
        batch.score(ids, w, first, second);
        listener.windows(w + n, chosen);
      }
      use = batch.cacheUse();
      if (writer != null) {
        writer.commit();
      }
    }
    EvalResult.Interval nll = second.meanNll();
    double all = (first.meanNll().mean() * (context / 2) + nll.mean() * scored) / (context - 1);
    EvalResult.Interval perplexity = Statistics.exponential(nll);
    return new EvalResult(
        "ctx" + context + "-second-half",
        chosen,
        (long) chosen * scored,
        perplexity,
        Math.exp(all),
        suspicion(perplexity.mean(), vocabulary),
        reference == null ? Optional.empty() : Optional.of(second.divergence()),
        use,
        (System.nanoTime() - start) / 1e9);
  }

  private static Optional<String> suspicion(double perplexity, int vocabulary) {
    return perplexity <= vocabulary / 10.0
        ? Optional.empty()
        : Optional.of(
            "perplexity %.1f is above a tenth of the vocabulary (%d): the model predicts almost nothing"
                .formatted(perplexity, vocabulary));
  }

  private static int check(ModelSpec spec, int[] tokens, EvalOptions options) {
    int context = options.context();
    if (context < 4 || context > spec.maxPositions()) {
      throw new MarlinException(
          ErrorCode.BAD_FLAG,
          "--context",
          "%d is outside 4 .. %d, the positions this model has"
              .formatted(context, spec.maxPositions()),
          "Choose a context within that range.");
    }
    if (tokens.length < context) {
      throw new MarlinException(
          ErrorCode.CALIBRATION_TOO_SHORT,
          "evaluation text",
          "it has %d tokens, one window needs %d".formatted(tokens.length, context),
          "Give a longer text or a smaller --context.");
    }
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] < 0 || tokens[i] >= spec.vocabulary()) {
        throw new MarlinException(
            ErrorCode.TENSOR_MISMATCH,
            "token " + i + " of the text",
            "id %d is outside the model's vocabulary of %d".formatted(tokens[i], spec.vocabulary()),
            "The tokenizer belongs to another model; take the one the model was trained with.");
      }
    }
    return tokens.length / context;
  }

  private static void checkPair(ModelSpec model, ModelSpec reference) {
    if (model.vocabulary() != reference.vocabulary()) {
      throw new MarlinException(
          ErrorCode.BAD_FLAG,
          "--reference",
          "it has a vocabulary of %d, the model of %d"
              .formatted(reference.vocabulary(), model.vocabulary()),
          "Compare a quantized model with the checkpoint it was made from.");
    }
  }
}
