package io.metalmarlin.runtime.model;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.model.DenseType;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.tensor.DType;
import java.nio.file.Path;

/// An opened model: checkpoint, configuration, dialect, declaration and weights, checked against
/// each other. Closing it unmaps the checkpoint.
public record Model(
    Path folder,
    Checkpoint checkpoint,
    ModelConfig config,
    Dialect dialect,
    ModelSpec spec,
    Weights weights)
    implements AutoCloseable {
  /// The floating-point type of the dense tensors.
  public DType dtype() {
    return DenseType.of(config, checkpoint);
  }

  @Override
  public void close() {
    checkpoint.close();
  }
}
