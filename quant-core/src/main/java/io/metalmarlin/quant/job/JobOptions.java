package io.metalmarlin.quant.job;

import io.metalmarlin.runtime.eval.EvalResult;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// How a job runs; nothing here changes the bytes of the weights.
///
/// @param overwrite replace an existing output folder when the job is complete
/// @param restart throw away the state of an earlier unfinished run instead of resuming
/// @param proofWindows evaluation windows measured before publishing; 0 for none
/// @param proofText documents to measure on; the embedded evaluation text when empty
/// @param gates limits checked before publishing
/// @param cancelled asked between weights; true ends the job in a resumable state
/// @param sourceName what card and recipe call the source: `org/name` where it has one
/// @param command the command line, for the card
/// @param proof the settings of what is measured, for the saved recipe
/// @param allocation how schemes were chosen within a budget, for the report; null without one
public record JobOptions(
    int threads,
    boolean overwrite,
    boolean restart,
    int proofWindows,
    Optional<List<String>> proofText,
    Gates gates,
    BooleanSupplier cancelled,
    String sourceName,
    List<String> command,
    SequencedMap<String, Object> proof,
    @Nullable JsonNode allocation) {
  /// The same with what a budget chose.
  public JobOptions with(JsonNode chosen) {
    return new JobOptions(
        threads,
        overwrite,
        restart,
        proofWindows,
        proofText,
        gates,
        cancelled,
        sourceName,
        command,
        proof,
        chosen);
  }

  /// Quality limits; an empty one is not checked.
  public record Gates(
      OptionalDouble maxKld,
      OptionalDouble maxPplIncrease,
      OptionalDouble minTop1,
      boolean onMean) {
    public static final Gates NONE =
        new Gates(OptionalDouble.empty(), OptionalDouble.empty(), OptionalDouble.empty(), false);

    public boolean any() {
      return maxKld.isPresent() || maxPplIncrease.isPresent() || minTop1.isPresent();
    }
  }

  /// The outcome of one gate.
  public record GateResult(String name, double limit, double value, boolean pass) {}

  /// What the proof measured.
  public record Proof(EvalResult result, String text, List<GateResult> gates) {}
}
