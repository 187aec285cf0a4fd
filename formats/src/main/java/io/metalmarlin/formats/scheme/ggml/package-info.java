/// The block types of ggml: numbers and bytes of every type a GGUF file can hold, both directions.
@NullMarked
package io.metalmarlin.formats.scheme.ggml;

import org.jspecify.annotations.NullMarked;
