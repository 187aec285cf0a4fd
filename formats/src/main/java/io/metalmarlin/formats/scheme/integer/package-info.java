/// Integers of 2 to 8 bits: the layouts of compressed-tensors and ModelOpt, and how their producers
/// round.
@NullMarked
package io.metalmarlin.formats.scheme.integer;

import org.jspecify.annotations.NullMarked;
