/// A tokenizer taken apart: what every kind of file is read into.
@NullMarked
package io.metalmarlin.runtime.text.parts;

import org.jspecify.annotations.NullMarked;
