/// The room of the Metal backend; empty in this version.
///
/// What belongs here: Metal Shading Language kernels, the Objective-C runtime bound through the
/// foreign function interface, and a {@link io.metalmarlin.runtime.backend.BackendProvider} found
/// by ServiceLoader. What does not: anything about quantization algorithms, which this module may
/// not see.
@NullMarked
package io.metalmarlin.metal;

import org.jspecify.annotations.NullMarked;
