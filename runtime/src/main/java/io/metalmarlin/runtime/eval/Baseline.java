package io.metalmarlin.runtime.eval;

import io.metalmarlin.runtime.decode.Decoder;
import org.jspecify.annotations.Nullable;

/// What a model is compared with.
///
/// @param decoder of the reference; with a file only its final norm and head are used
/// @param file its hidden states of the same windows, saved by an earlier run; null to run it now
public record Baseline(Decoder decoder, @Nullable ReferenceFile file) {
  WindowLogits logits(int context, int capacity, int slice) {
    return file == null
        ? new ModelLogits(decoder, capacity * context, slice, null)
        : new StoredLogits(file, decoder, slice);
  }
}
