package io.metalmarlin.quant.calibrate;

import io.metalmarlin.runtime.load.ModelTexts;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.text.Corpora;
import io.metalmarlin.runtime.text.TextFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntUnaryOperator;

/// Loads what `--dataset` names: `embedded:NAME` or a text file.
public final class CalibrationTexts {
  private static final String EMBEDDED = "embedded:";

  private CalibrationTexts() {}

  /// The documents of a dataset.
  ///
  /// @throws io.metalmarlin.formats.MarlinException for an unknown name or an unreadable file
  public static List<String> documents(String dataset) {
    return dataset.startsWith(EMBEDDED)
        ? Corpora.named(dataset.substring(EMBEDDED.length())).documents()
        : TextFiles.read(Path.of(dataset));
  }

  /// The windows of a dataset for a model's tokenizer.
  public static CalibrationSet load(
      String dataset, Model model, int samples, int seqLen, long seed) {
    return load(dataset, model, available -> samples, seqLen, seed);
  }

  /// @param samples how many, from the number of whole windows that the dataset has
  public static CalibrationSet load(
      String dataset, Model model, IntUnaryOperator samples, int seqLen, long seed) {
    return CalibrationSet.of(
        dataset, documents(dataset), ModelTexts.tokenizer(model), samples, seqLen, seed);
  }
}
