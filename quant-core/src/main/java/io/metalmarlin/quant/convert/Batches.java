package io.metalmarlin.quant.convert;

import java.util.ArrayList;
import java.util.List;

/// Cuts a plan into batches that are finished, forced to disk and journalled together. The cut
/// depends on the plan alone, so a resumed run makes the same one.
final class Batches {
  private static final long BYTES = 256L << 20;

  private Batches() {}

  static List<List<ConvertStep>> of(List<ConvertStep> steps) {
    List<List<ConvertStep>> batches = new ArrayList<>();
    List<ConvertStep> current = new ArrayList<>();
    long size = 0;
    boolean rounds = false;
    for (ConvertStep s : steps) {
      boolean full = size + s.outputBytes() > BYTES || rounds != rounds(s);
      if (full && !current.isEmpty()) {
        batches.add(current);
        current = new ArrayList<>();
        size = 0;
      }
      current.add(s);
      size += s.outputBytes();
      rounds = rounds(s);
    }
    if (!current.isEmpty()) {
      batches.add(current);
    }
    return batches;
  }

  /// Whether a step computes with numbers, so that its rows are shared among the workers; the
  /// others move bytes, and whole steps are shared.
  static boolean rounds(ConvertStep s) {
    return s instanceof ConvertStep.Requantize
        || s instanceof ConvertStep.Dequantize
        || s instanceof ConvertStep.Cast;
  }
}
