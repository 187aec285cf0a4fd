/// safetensors files, shards and their index.
///
/// A file is `u64 N` (little-endian), `N` bytes of UTF-8 JSON, then the data. The JSON object maps
/// each tensor to `{"dtype", "shape", "data_offsets": [begin, end)}` counted from byte `8 + N`, and
/// `__metadata__` to an object of strings. The reader accepts and rejects what the reference
/// implementation (huggingface/safetensors 0.8.0) does, the writer writes its bytes.
@NullMarked
package io.metalmarlin.formats.container.safetensors;

import org.jspecify.annotations.NullMarked;
