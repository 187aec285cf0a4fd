package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.importance.ModuleImportance;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.ModuleLayout;
import io.metalmarlin.formats.model.StoredAs;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.quant.calibrate.CalibrationSet;
import io.metalmarlin.runtime.model.Model;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import tools.jackson.databind.node.ObjectNode;

/// Everything that will happen, validated before the first output byte: recipe x model x dialect.
///
/// @param steps in the order in which they run: block by block, linears in running order
/// @param tensors every tensor of the output
/// @param dense names of linear modules that stay in the source type, as [ModuleLayout#dense]
/// @param source digests of the files that were checked
/// @param calibration the token windows; empty for methods that need none
/// @param importance of columns from a file; empty where calibration gives it or nothing uses it
/// @param warnings what the user should know although the job goes on
/// @param fallbacks those of them about weights that get another type than the one asked for, or
///   stay as they are
/// @param refusals every reason why this plan must not run; empty when it may
public record Plan(
    Recipe recipe,
    Model model,
    Path output,
    Dialect dialect,
    List<Step> steps,
    List<TensorInfo> tensors,
    SortedSet<String> dense,
    SourceCheck source,
    Optional<CalibrationSet> calibration,
    Optional<ModuleImportance> importance,
    List<Warning> warnings,
    List<Warning> fallbacks,
    Estimate estimate,
    List<MarlinException> refusals) {
  /// Something worth knowing.
  ///
  /// @param code stable, for example `W304`
  /// @param where the module
  public record Warning(String code, String where, String message) {}

  public Plan {
    warnings = List.copyOf(warnings);
    fallbacks = List.copyOf(fallbacks);
    steps = List.copyOf(steps);
    tensors = List.copyOf(tensors);
    refusals = List.copyOf(refusals);
  }

  /// The same for a model with other values and other transforms of inputs, which change no
  /// tensor's name, type or shape.
  ///
  /// @param change of a step: the transform of its input, or what is said of a kept tensor
  public Plan with(Model other, UnaryOperator<Step> change) {
    return new Plan(
        recipe,
        other,
        output,
        dialect,
        steps.stream().map(change).toList(),
        tensors,
        dense,
        source,
        calibration,
        importance,
        warnings,
        fallbacks,
        estimate,
        refusals);
  }

  /// The JSON files of the output by name (`config.json`, ...).
  public Map<String, ObjectNode> documents() {
    Map<String, StoredAs> packed = new TreeMap<>();
    quantized().forEach(q -> packed.put(q.name(), q.stored()));
    return dialect.describe(model.config(), new ModuleLayout(packed, dense));
  }

  /// The quantize steps in running order.
  public List<Step.Quantize> quantized() {
    return steps.stream()
        .filter(Step.Quantize.class::isInstance)
        .map(Step.Quantize.class::cast)
        .toList();
  }

  /// Linears of each scheme, in running order.
  public SequencedMap<String, Long> schemes() {
    SequencedMap<String, Long> counts = new LinkedHashMap<>();
    quantized().forEach(q -> counts.merge(q.scheme(), 1L, Long::sum));
    return counts;
  }

  public long sourceBytes() {
    return steps.stream().mapToLong(Step::sourceBytes).sum();
  }

  public long outputBytes() {
    return steps.stream().mapToLong(Step::outputBytes).sum();
  }

  /// Bits per weight over the quantized linears, scales included; NaN when there are none.
  public double bitsPerWeight() {
    double bits = 0;
    double weights = 0;
    for (Step.Quantize q : quantized()) {
      double n = (double) q.linear().out() * q.linear().in();
      bits += q.bitsPerWeight() * n;
      weights += n;
    }
    return bits / weights;
  }
}
