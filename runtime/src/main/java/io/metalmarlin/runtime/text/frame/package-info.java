/// Post-processors: the tokens put around a text.
@NullMarked
package io.metalmarlin.runtime.text.frame;

import org.jspecify.annotations.NullMarked;
