/// GGUF files, single or split.
///
/// A file is the magic `GGUF`, a version (2 or 3), the counts of tensors and metadata keys, the
/// typed metadata, the tensor descriptions, and from the next multiple of `general.alignment` on
/// the data: each tensor padded to the alignment, in the order of the descriptions. Files whose
/// version reads byte-swapped are big-endian throughout. The reader accepts and rejects what ggml's
/// `gguf.cpp` does, plus what would make it read outside the file.
@NullMarked
package io.metalmarlin.formats.container.gguf;

import org.jspecify.annotations.NullMarked;
