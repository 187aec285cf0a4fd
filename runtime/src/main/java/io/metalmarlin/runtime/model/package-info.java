/// Declarations of architectures, opened models and the decoder that runs them.
@NullMarked
package io.metalmarlin.runtime.model;

import org.jspecify.annotations.NullMarked;
