/// The CPU backend: a scalar reference and a Vector API / BLAS path checked against it.
@NullMarked
package io.metalmarlin.runtime.cpu;

import org.jspecify.annotations.NullMarked;
