package io.metalmarlin.runtime.text.vocabulary;

import tools.jackson.databind.JsonNode;

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
    boolean special) {
  /// A token that no text shows.
  public static AddedToken special(int id, String content) {
    return new AddedToken(id, content, false, false, false, false, true);
  }

  /// A token with the options that a JSON object has for it.
  ///
  /// @param normalized where the object does not say
  public static AddedToken of(int id, String content, JsonNode options, boolean normalized) {
    return new AddedToken(
        id,
        content,
        options.path("single_word").asBoolean(false),
        options.path("lstrip").asBoolean(false),
        options.path("rstrip").asBoolean(false),
        options.path("normalized").asBoolean(normalized),
        options.path("special").asBoolean(false));
  }
}
