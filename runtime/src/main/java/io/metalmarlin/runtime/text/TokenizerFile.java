package io.metalmarlin.runtime.text;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// What `tokenizer.json` says, checked for JSON types and sizes only; [Tokenizers] decides what it
/// means. A part that the file leaves out or sets to null is a missing or null node.
///
/// @param addedTokens in file order
/// @param normalizer `normalizer`
/// @param preTokenizer `pre_tokenizer`
/// @param decoder `decoder`
/// @param vocabulary `model.vocab`: string -> id
/// @param merges `model.merges` in rank order: left and right of rule i at 2i and 2i+1
/// @param model the other fields of `model`
record TokenizerFile(
    List<AddedToken> addedTokens,
    JsonNode normalizer,
    JsonNode preTokenizer,
    JsonNode decoder,
    Map<String, Integer> vocabulary,
    List<String> merges,
    JsonNode model) {}
