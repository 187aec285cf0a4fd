/// Characters as the tokenizers see them.
@NullMarked
package io.metalmarlin.runtime.text.unicode;

import org.jspecify.annotations.NullMarked;
