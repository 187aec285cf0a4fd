package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.importance.ModuleImportance;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// Everything a conversion will do, decided before the first output byte.
///
/// @param steps in the order in which they run
/// @param dropped tensors that have no place in the output
/// @param documents the JSON files of the output by name
/// @param importance of the columns of the modules that are rounded to blocks of ggml
/// @param warnings what the user should know although the conversion goes on
/// @param refusals every reason why this plan must not run; empty when it may
public record ConvertPlan(
    ConvertSource source,
    ConvertRequest request,
    Path output,
    List<ConvertStep> steps,
    List<String> dropped,
    Map<String, ObjectNode> documents,
    Optional<ModuleImportance> importance,
    List<Warning> warnings,
    List<MarlinException> refusals) {
  /// Something worth knowing.
  ///
  /// @param code stable, for example `W301`
  /// @param where tensor or module
  public record Warning(String code, String where, String message) {}

  public ConvertPlan {
    steps = List.copyOf(steps);
    dropped = List.copyOf(dropped);
    warnings = List.copyOf(warnings);
    refusals = List.copyOf(refusals);
  }

  /// Every tensor of the output.
  public List<TensorInfo> tensors() {
    return steps.stream().flatMap(s -> s.outputs().stream()).toList();
  }

  public long sourceBytes() {
    return steps.stream().mapToLong(ConvertStep::sourceBytes).sum();
  }

  public long outputBytes() {
    return steps.stream().mapToLong(ConvertStep::outputBytes).sum();
  }

  /// Steps that may change a number.
  public long rounding() {
    return steps.stream()
        .filter(s ->
            s instanceof ConvertStep.Requantize
                || s instanceof ConvertStep.Dequantize
                || s instanceof ConvertStep.Cast)
        .count();
  }
}
