package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.gguf.GgufNumbers;
import io.metalmarlin.formats.container.gguf.GgufValue;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The tokens of a vocabulary by id, with kind and score, while they are collected.
final class TokenTable {
  /// What llama.cpp's converter gives tokens that are no part of the merging.
  private static final float ADDED = -1000;

  private static final float PADDING = -10000;

  private final String where;
  private final @Nullable String[] tokens;
  private final TokenKind[] kinds;
  private final float[] scores;

  TokenTable(String where, int size) {
    this.where = where;
    this.tokens = new @Nullable String[size];
    this.kinds = new TokenKind[size];
    this.scores = new float[size];
    Arrays.fill(kinds, TokenKind.UNUSED);
    Arrays.fill(scores, PADDING);
  }

  int size() {
    return tokens.length;
  }

  String token(int id) {
    String token = tokens[id];
    return token == null ? "[PAD" + id + "]" : token;
  }

  TokenKind kind(int id) {
    return kinds[id];
  }

  void score(int id, float score) {
    scores[id] = score;
  }

  void kind(int id, TokenKind kind) {
    kinds[id] = kind;
  }

  /// Makes a token the one for unknown characters, which no merging leads to.
  void unknown(int id) {
    kinds[id] = TokenKind.UNKNOWN;
    scores[id] = ADDED;
  }

  /// The id of a token, or -1.
  int indexOf(String token) {
    return Arrays.asList(tokens).indexOf(token);
  }

  boolean has(int id) {
    return id >= 0 && id < tokens.length;
  }

  /// @param id a number of JSON
  /// @throws MarlinException `TOKENIZER_MALFORMED` for an id outside the model's vocabulary, and
  ///   for one that belongs to another token
  void set(JsonNode id, String token, TokenKind kind) {
    if (!id.isIntegralNumber() || !id.canConvertToInt()) {
      throw malformed("token \"%s\" has id %s".formatted(token, id));
    }
    set(id.intValue(), token, kind);
  }

  void set(int id, String token, TokenKind kind) {
    if (!has(id)) {
      throw malformed(
          "token \"%s\" has id %d, the model's vocabulary has %d"
              .formatted(token, id, tokens.length));
    }
    String other = tokens[id];
    if (other != null && !other.equals(token)) {
      throw malformed("id %d belongs to \"%s\" and to \"%s\"".formatted(id, other, token));
    }
    tokens[id] = token;
    kinds[id] = kind;
  }

  /// Added tokens: special ones, and those that look it, are control tokens. One beyond the model's
  /// vocabulary has no embedding and is left out.
  ///
  /// @param replace whether an added token takes the place of the piece with its id
  void add(JsonNode added, boolean replace) {
    for (JsonNode t : added) {
      String content = t.path("content").asString("");
      JsonNode id = t.path("id");
      boolean whole = id.isIntegralNumber() && id.canConvertToInt();
      if (whole && id.intValue() >= tokens.length) {
        continue;
      }
      boolean control = t.path("special").asBoolean(false) || looksSpecial(content);
      TokenKind kind = control ? TokenKind.CONTROL : TokenKind.USER_DEFINED;
      if (replace && whole && has(id.intValue())) {
        tokens[id.intValue()] = null;
      }
      set(id, content, kind);
      scores[id.intValue()] = ADDED;
    }
  }

  /// Some tokenizers have markers that they do not call special.
  private static boolean looksSpecial(String token) {
    return token.startsWith("<|") && token.endsWith("|>")
        || token.startsWith("<\uff5c") && token.endsWith("\uff5c>");
  }

  /// User-defined tokens are looked for in the text as it is written, so their spaces are spaces.
  void spellSpaces() {
    for (int id = 0; id < tokens.length; id++) {
      String token = tokens[id];
      if (token != null && kinds[id] == TokenKind.USER_DEFINED) {
        tokens[id] = token.replace('\u2581', ' ');
      }
    }
  }

  GgufValue tokens() {
    Map<String, Integer> seen = HashMap.newHashMap(tokens.length);
    String[] all = new String[tokens.length];
    for (int id = 0; id < all.length; id++) {
      all[id] = token(id);
      Integer other = seen.put(all[id], id);
      if (other != null) {
        throw malformed("tokens %d and %d are both \"%s\"".formatted(other, id, all[id]));
      }
    }
    return new GgufValue.Texts(Arrays.asList(all));
  }

  GgufValue types() {
    return GgufNumbers.int32(Arrays.stream(kinds).mapToInt(TokenKind::id).toArray());
  }

  GgufValue scores() {
    return GgufNumbers.float32(scores.clone());
  }

  MarlinException malformed(String what) {
    return new MarlinException(
        ErrorCode.TOKENIZER_MALFORMED,
        where,
        what,
        "Use the tokenizer.json of the model's own repository, or write another format.");
  }
}
