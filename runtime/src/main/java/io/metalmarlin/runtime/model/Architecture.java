package io.metalmarlin.runtime.model;

import io.metalmarlin.formats.model.ModelConfig;

/// One model family: turns its configuration into a [ModelSpec]. One file per `model_type`, one
/// line in `Architectures.ALL`.
public interface Architecture {
  /// The `model_type` it declares.
  String modelType();

  /// The declaration for a configuration.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `CONFIG_MALFORMED` for a missing or impossible
  ///   key, `UNSUPPORTED_MODEL` for a feature of the family that is not declared here
  ModelSpec describe(ModelConfig config);
}
