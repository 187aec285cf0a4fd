package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.model.ModelSpec;
import java.util.List;
import java.util.Optional;

/// Refuses to quantize experts that are stored in one tensor: loaders expect their packed form
/// under names of their own, different for each family, which nothing here writes.
final class StackedExperts {
  private StackedExperts() {}

  /// @param wanted linears that would be quantized
  static Optional<MarlinException> refusal(ModelSpec spec, List<ModelSpec.Linear> wanted) {
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
}
