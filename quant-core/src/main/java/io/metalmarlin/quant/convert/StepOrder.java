package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The order in which the steps of a plan are done.
final class StepOrder {
  /// What a journal says of it: batches cut in another order are other batches.
  static final String NAME = "in the order of the output's files";

  private record Placed(ConvertStep step, long place) {}

  private StepOrder() {}

  /// Where steps only move bytes that is the order of the output's files, so that their digests
  /// follow the writer and do not begin when it ends; else the plan's, in which a source comes
  /// shard by shard.
  static List<ConvertStep> of(List<ConvertStep> steps, CheckpointWriter writer) {
    if (steps.stream().anyMatch(Batches::rounds)) {
      return steps;
    }
    return steps.stream()
        .map(s -> new Placed(s, place(s, writer)))
        .sorted(Comparator.comparingLong(Placed::place))
        .map(Placed::step)
        .toList();
  }

  /// A module lies where the largest of its planes does.
  private static long place(ConvertStep step, CheckpointWriter writer) {
    return step.outputs().stream()
        .max(Comparator.comparingLong(TensorInfo::byteSize))
        .map(t -> writer.place(t.name()))
        .orElse(0L);
  }

  /// Puts reports into the order of the plan.
  static void restore(List<ConvertStep> steps, List<TensorReport> reports) {
    Map<String, Integer> index = new HashMap<>();
    steps.forEach(s -> index.putIfAbsent(s.name(), index.size()));
    reports.sort(Comparator.comparing(r -> index.get(r.name())));
  }
}
