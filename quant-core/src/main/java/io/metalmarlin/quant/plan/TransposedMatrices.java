package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.model.ModelSpec;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Refuses to quantize matrices that a loader does not expect packed because they are stored
/// transposed: most do not take them for linear layers.
final class TransposedMatrices {
  private TransposedMatrices() {}

  /// @param wanted linears that would be quantized
  static Optional<MarlinException> refusal(
      ModelSpec spec, List<ModelSpec.Linear> wanted, Target target) {
    return wanted.stream()
        .filter(l -> l.layout().transposed() && l.layout().stack() == 0 && !target.conv1d())
        .findFirst()
        .map(l ->
            new MarlinException(
                ErrorCode.TARGET_CANNOT,
                spec.tensor(l),
                "is a transposed matrix (Conv1D of model_type \"%s\"), which target %s does not load packed"
                    .formatted(spec.family(), target.name()),
                "Use --target "
                    + Target.ALL.stream()
                        .filter(Target::conv1d)
                        .map(Target::name)
                        .collect(Collectors.joining(", "))
                    + "."));
  }
}
