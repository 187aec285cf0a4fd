/// The forward pass: model declarations, the decoder, the KV cache, the CPU backend, tokenizers and
/// evaluation metrics.
///
/// Knows no quantization algorithm. Start with {@link io.metalmarlin.runtime.model.ModelSpec} (the
/// declaration that decoder and planner read) and {@link io.metalmarlin.runtime.decode.Decoder}.
@NullMarked
package io.metalmarlin.runtime;

import org.jspecify.annotations.NullMarked;
