/// Pre-tokenizers: text to the pieces that a model tokenizes one by one.
@NullMarked
package io.metalmarlin.runtime.text.split;

import org.jspecify.annotations.NullMarked;
