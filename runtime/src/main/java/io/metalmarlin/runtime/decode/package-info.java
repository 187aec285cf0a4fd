/// The decoder: runs a declared model on a backend with a KV cache. Stands above `model` (what is
/// computed) and `backend` (on what), so that neither points back at the other.
@NullMarked
package io.metalmarlin.runtime.decode;

import org.jspecify.annotations.NullMarked;
