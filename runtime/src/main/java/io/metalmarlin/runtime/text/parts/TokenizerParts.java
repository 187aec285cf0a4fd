package io.metalmarlin.runtime.text.parts;

import io.metalmarlin.runtime.text.decode.Decoder;
import io.metalmarlin.runtime.text.frame.Frame;
import io.metalmarlin.runtime.text.model.TokenModel;
import io.metalmarlin.runtime.text.normalize.TextNormalizer;
import io.metalmarlin.runtime.text.split.Splitter;
import io.metalmarlin.runtime.text.vocabulary.AddedToken;
import io.metalmarlin.runtime.text.vocabulary.Vocabulary;
import java.util.List;

/// A tokenizer in its parts, in the order in which a text goes through them.
///
/// @param added cut out of the text before anything else
/// @param frame put around the ids if asked for
public record TokenizerParts(
    Vocabulary vocabulary,
    List<AddedToken> added,
    TextNormalizer normalizer,
    Splitter splitter,
    TokenModel model,
    Frame frame,
    Decoder decoder) {}
