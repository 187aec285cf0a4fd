/// Vector API and OpenBLAS kernels. Loop bodies stay small (about 16 vector operations, at most 8
/// accumulators) because C2 stops inlining beyond that and runs 10 times slower. A loop stores its
/// results itself. Where an operation takes a vector that the loop carries along and one just made,
/// the latter is the receiver (`e.add(sum)`): its class is known without a profile of the call,
/// which is missing or too young now and then.
@NullMarked
package io.metalmarlin.runtime.cpu.simd;

import org.jspecify.annotations.NullMarked;
