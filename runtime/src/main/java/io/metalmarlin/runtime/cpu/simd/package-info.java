/// Vector API and OpenBLAS kernels. Loop bodies stay small (about 16 vector operations, at most 8
/// accumulators) because C2 stops inlining beyond that and runs 10 times slower.
@NullMarked
package io.metalmarlin.runtime.cpu.simd;

import org.jspecify.annotations.NullMarked;
