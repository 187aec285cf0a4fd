/// Grids whose values are spaced as weights are distributed, and their layout: our own, read by
/// `marlin run`.
@NullMarked
package io.metalmarlin.formats.scheme.codebook;

import org.jspecify.annotations.NullMarked;
