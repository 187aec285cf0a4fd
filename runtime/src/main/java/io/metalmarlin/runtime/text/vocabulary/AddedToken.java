package io.metalmarlin.runtime.text.vocabulary;

/// A string with an id of its own that is cut out of the text before anything else is done to it
/// (`added_tokens` of `tokenizer.json`).
///
/// @param id its token id
/// @param content the string
/// @param singleWord only where no word character stands before or behind it
/// @param stripLeft also takes the white space before it
/// @param stripRight also takes the white space behind it
/// @param normalized looked for in the normalized text instead of the raw one
/// @param special left out when decoding
public record AddedToken(
    int id,
    String content,
    boolean singleWord,
    boolean stripLeft,
    boolean stripRight,
    boolean normalized,
    boolean special) {}
