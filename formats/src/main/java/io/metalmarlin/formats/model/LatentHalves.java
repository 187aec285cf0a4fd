package io.metalmarlin.formats.model;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// DeepSeek's `kv_b_proj`, which GGUF and MLX hold in two halves, so that a runner can multiply
/// with either alone: keys `[heads, latent, keys]` and values `[heads, values, latent]`.
///
/// @param latent columns of the whole matrix
/// @param keys rows of a head that make keys
/// @param values rows of a head that make values
public record LatentHalves(int heads, int latent, int keys, int values) {
  /// The whole matrix, F32 `[heads (keys + values), latent]`, from the decoded halves.
  public MemorySegment join(float[] k, float[] v) {
    MemorySegment out = Arena.ofAuto().allocate(4L * heads * (keys + values) * latent, Long.BYTES);
    long at = 0;
    for (int head = 0; head < heads; head++) {
      for (int row = 0; row < keys; row++) {
        for (int i = 0; i < latent; i++) {
          out.setAtIndex(ValueLayout.JAVA_FLOAT, at++, k[(head * latent + i) * keys + row]);
        }
      }
      int count = values * latent;
      MemorySegment.copy(v, head * count, out, ValueLayout.JAVA_FLOAT, at * Float.BYTES, count);
      at += count;
    }
    return out.asReadOnly();
  }
}
