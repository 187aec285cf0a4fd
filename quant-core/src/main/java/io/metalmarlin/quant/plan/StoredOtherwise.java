package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.model.ModelSpec;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Refuses to quantize matrices whose storage a loader does not expect packed: experts in one
/// tensor, whose packed form has names of its own, different for each family, which nothing here
/// writes; and transposed ones, which most loaders do not take for linear layers.
final class StoredOtherwise {
  private StoredOtherwise() {}

  /// @param wanted linears that would be quantized
  static Optional<MarlinException> refusal(
      ModelSpec spec, List<ModelSpec.Linear> wanted, Target target) {
    return stacked(spec, wanted).or(() -> transposed(spec, wanted, target));
  }

  private static Optional<MarlinException> stacked(ModelSpec spec, List<ModelSpec.Linear> wanted) {
    return wanted.stream()
        .filter(l -> l.layout().stack() > 0)
        .findFirst()
        .map(l ->
            new MarlinException(
                ErrorCode.UNSUPPORTED_MODEL,
                spec.tensor(l),
                "%d experts in one tensor cannot be quantized for model_type \"%s\" in this version"
                    .formatted(l.layout().stack(), spec.family()),
                "Add --ignore 're:.*experts.*' (or what names them) to quantize the rest."));
  }

  private static Optional<MarlinException> transposed(
      ModelSpec spec, List<ModelSpec.Linear> wanted, Target target) {
    return wanted.stream()
        .filter(l -> l.layout().transposed() && !target.conv1d())
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
