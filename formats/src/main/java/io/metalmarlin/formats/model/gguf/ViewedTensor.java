package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;

/// Where a tensor of the view comes from.
sealed interface ViewedTensor permits StoredTensor, LatentTensor {
  /// Its Hugging Face name, type and shape.
  TensorInfo info();

  /// The tensor of the file that holds it, or its first part.
  String source();

  /// Its bytes: mapped, or a copy that lives as long as it is used.
  MemorySegment bytes(Checkpoint file);
}
