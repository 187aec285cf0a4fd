/// Solvers: (weights, statistics, scheme) to codes; pure and deterministic, no files and no
/// devices.
@NullMarked
package io.metalmarlin.quant.solve;

import org.jspecify.annotations.NullMarked;
