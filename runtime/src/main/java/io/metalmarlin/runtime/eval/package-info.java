/// Metrics over logits: perplexity, KL divergence, top-1 agreement.
@NullMarked
package io.metalmarlin.runtime.eval;

import org.jspecify.annotations.NullMarked;
