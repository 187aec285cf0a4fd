/// Reading `tokenizer.json`.
@NullMarked
package io.metalmarlin.runtime.text.json;

import org.jspecify.annotations.NullMarked;
