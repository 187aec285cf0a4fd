/// The device seam: tensors, matrices and ordered operations.
@NullMarked
package io.metalmarlin.runtime.backend;

import org.jspecify.annotations.NullMarked;
