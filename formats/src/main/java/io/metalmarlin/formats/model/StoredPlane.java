package io.metalmarlin.formats.model;

import io.metalmarlin.formats.container.Checkpoint;
import java.lang.foreign.MemorySegment;

/// Where one plane of a packed module lies: a whole tensor, or one of the equal slices of a tensor
/// that stacks the planes of several experts.
///
/// @param tensor name in the checkpoint
/// @param slice index of the slice, outermost dimension first
/// @param slices how many equal slices the tensor has; 1 for a whole tensor
public record StoredPlane(String tensor, int slice, int slices) {
  public static StoredPlane whole(String tensor) {
    return new StoredPlane(tensor, 0, 1);
  }

  /// The plane's bytes, a view that is valid until the checkpoint is closed.
  public MemorySegment bytes(Checkpoint checkpoint) {
    MemorySegment all = checkpoint.bytes(tensor);
    long size = all.byteSize() / slices;
    return slices == 1 ? all : all.asSlice(slice * size, size);
  }

  /// Size in bytes, from the header alone.
  public long byteSize(Checkpoint checkpoint) {
    return checkpoint.tensors().get(tensor).byteSize() / slices;
  }
}
