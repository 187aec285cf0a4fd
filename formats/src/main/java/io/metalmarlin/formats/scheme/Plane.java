package io.metalmarlin.formats.scheme;

import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.util.List;

/// One stored tensor of a packed matrix: what is appended to the module's name, its type and shape.
public record Plane(String suffix, DType dtype, List<Long> shape) {
  public Plane {
    shape = List.copyOf(shape);
  }

  /// The tensor this plane is for the module `stem` (`model.layers.0.mlp.up_proj`).
  public TensorInfo tensor(String stem) {
    return new TensorInfo(stem + "." + suffix, dtype, shape);
  }
}
