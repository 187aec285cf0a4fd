/// Declarations of architectures and opened models; runs nothing.
@NullMarked
package io.metalmarlin.runtime.model;

import org.jspecify.annotations.NullMarked;
