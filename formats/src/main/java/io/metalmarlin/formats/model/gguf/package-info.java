/// GGUF models in Hugging Face terms and back: names, shapes and row orders of tensors,
/// configuration, tokenizer.
///
/// Source: llama.cpp's converter (`conversion/*.py`, `gguf-py/gguf/tensor_mapping.py`), whose files
/// are the form in which these models exist.
@NullMarked
package io.metalmarlin.formats.model.gguf;

import org.jspecify.annotations.NullMarked;
