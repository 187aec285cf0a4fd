/// Decoders: tokens back to text, one token at a time.
@NullMarked
package io.metalmarlin.runtime.text.decode;

import org.jspecify.annotations.NullMarked;
