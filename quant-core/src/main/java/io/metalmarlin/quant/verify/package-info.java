/// Checks a written checkpoint before somebody publishes or loads it: what can be told from its
/// files alone, what a certain program asks of them, and how far the weights are from a reference.
@NullMarked
package io.metalmarlin.quant.verify;

import org.jspecify.annotations.NullMarked;
