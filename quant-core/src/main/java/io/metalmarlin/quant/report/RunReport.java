package io.metalmarlin.quant.report;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;

/// Everything that an output folder says about how it was made. What its files do not hold is
/// empty.
///
/// @param kind what made the folder
/// @param name the folder's own
/// @param schema of its report
/// @param madeBy version of marlin that wrote it
/// @param source what the user called the source
/// @param command the command line, a word each; empty where it was not recorded
/// @param settings what was asked, resolved
/// @param rules modules with another scheme than the recipe's own, `PATTERN=SCHEME`
/// @param sourceBytes,outputBytes of all tensors
/// @param seconds wall time of the last run
/// @param bitsPerWeight over the rounded weights, scales included
/// @param weights in running order
/// @param kept tensors that are copied as they are
/// @param importance file, digest and extent of a matrix of column importance
/// @param costs of schemes for units of weights
/// @param dropped tensors for which the output's format has no place
public record RunReport(
    Kind kind,
    String name,
    String schema,
    String madeBy,
    Optional<String> source,
    List<String> command,
    SequencedMap<String, String> settings,
    List<String> rules,
    long sourceBytes,
    long outputBytes,
    double seconds,
    OptionalDouble bitsPerWeight,
    List<Weight> weights,
    Optional<List<Kept>> kept,
    Optional<Calibration> calibration,
    Optional<SequencedMap<String, String>> importance,
    Optional<Quality> quality,
    Optional<Costs> costs,
    List<Notice> warnings,
    List<String> dropped,
    SequencedMap<String, String> environment,
    Optional<FileLists> files) {
  /// Which command made a folder.
  public enum Kind {
    QUANTIZE,
    CONVERT
  }

  /// Something the command warned about.
  public record Notice(String code, String where, String message) {}

  /// A tensor whose numbers are as they were.
  ///
  /// @param type in the output
  /// @param reason why, for people; empty where nothing was said
  public record Kept(
      String name, String type, long elements, long sourceBytes, long bytes, String reason) {}

  /// The tokens that the weights were solved on.
  ///
  /// @param sha256 of the token ids
  public record Calibration(String dataset, long samples, long seqLen, Optional<String> sha256) {}

  /// The same with other costs.
  public RunReport with(Costs other) {
    return new RunReport(
        kind,
        name,
        schema,
        madeBy,
        source,
        command,
        settings,
        rules,
        sourceBytes,
        outputBytes,
        seconds,
        bitsPerWeight,
        weights,
        kept,
        calibration,
        importance,
        quality,
        Optional.of(other),
        warnings,
        dropped,
        environment,
        files);
  }

  /// What the relative errors of the weights are, for headings.
  public String errorMeasure() {
    return kind == Kind.QUANTIZE ? "|Q − W|² / |W|²" : "|Q − W| / |W|";
  }
}
