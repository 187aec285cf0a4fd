/// Reading SentencePiece's `tokenizer.model`.
@NullMarked
package io.metalmarlin.runtime.text.sentencepiece;

import org.jspecify.annotations.NullMarked;
