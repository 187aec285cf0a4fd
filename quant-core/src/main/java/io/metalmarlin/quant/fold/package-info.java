/// Changes of scale that weights before an input take over, so that nothing is left to do at run
/// time: where they go, what they are, and a checkpoint that has them.
@NullMarked
package io.metalmarlin.quant.fold;

import org.jspecify.annotations.NullMarked;
