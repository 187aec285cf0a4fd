/// OpenBLAS through the foreign function interface, one thread per call, and the worker threads
/// around it.
@NullMarked
package io.metalmarlin.runtime.blas;

import org.jspecify.annotations.NullMarked;
