/// Importance matrices: the mean square of every input of a model's matrices, as llama.cpp collects
/// it to guide the search for the scales of ggml blocks.
///
/// Source: llama.cpp's `tools/imatrix` (both layouts) and `tools/quantize` (what a sum and its
/// count mean).
@NullMarked
package io.metalmarlin.formats.importance;

import org.jspecify.annotations.NullMarked;
