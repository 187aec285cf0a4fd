/// Tokenizers and text corpora.
@NullMarked
package io.metalmarlin.runtime.text;

import org.jspecify.annotations.NullMarked;
