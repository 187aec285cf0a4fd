package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.quant.calibrate.CalibrationSet;
import io.metalmarlin.runtime.model.Model;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// Everything that will happen, validated before the first output byte: recipe x model x dialect.
///
/// @param steps in the order in which they run: block by block, linears in running order
/// @param tensors every tensor of the output
/// @param documents the JSON files of the output by name (`config.json`, ...)
/// @param source digests of the files that were checked
/// @param calibration the token windows; empty for methods that need none
/// @param refusals every reason why this plan must not run; empty when it may
public record Plan(
    Recipe recipe,
    Model model,
    Path output,
    Dialect dialect,
    List<Step> steps,
    List<TensorInfo> tensors,
    Map<String, ObjectNode> documents,
    SourceCheck source,
    Optional<CalibrationSet> calibration,
    Estimate estimate,
    List<MarlinException> refusals) {
  public Plan {
    steps = List.copyOf(steps);
    tensors = List.copyOf(tensors);
    refusals = List.copyOf(refusals);
  }

  /// The quantize steps in running order.
  public List<Step.Quantize> quantized() {
    return steps.stream()
        .filter(Step.Quantize.class::isInstance)
        .map(Step.Quantize.class::cast)
        .toList();
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
