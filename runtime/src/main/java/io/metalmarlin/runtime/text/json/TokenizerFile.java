package io.metalmarlin.runtime.text.json;

import io.metalmarlin.runtime.text.spec.Spec;
import io.metalmarlin.runtime.text.vocabulary.AddedToken;
import java.util.List;
import java.util.Map;

/// What `tokenizer.json` says, checked for JSON types and sizes only. `truncation` and `padding`
/// are not read: texts are treated whole.
///
/// @param addedTokens in file order
/// @param vocabulary `model.vocab`: string -> id
/// @param scores of a Unigram `model.vocab` by id, else empty
/// @param merges `model.merges` in rank order: left and right of rule i at 2i and 2i+1
/// @param model the other fields of `model`
record TokenizerFile(
    List<AddedToken> addedTokens,
    Spec normalizer,
    Spec preTokenizer,
    Spec postProcessor,
    Spec decoder,
    Map<String, Integer> vocabulary,
    List<Double> scores,
    List<String> merges,
    Spec model) {}
