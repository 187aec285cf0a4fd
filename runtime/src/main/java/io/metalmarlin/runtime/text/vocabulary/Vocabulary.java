package io.metalmarlin.runtime.text.vocabulary;

import io.metalmarlin.runtime.text.spec.TokenizerErrors;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Strings and ids of a model and its added tokens, both ways.
public final class Vocabulary {
  /// Ids may have gaps, but an id far beyond the number of tokens would only blow up the tables.
  private static final int MAX_GAP = 1 << 16;

  private final Map<String, Integer> ids;
  private final @Nullable String[] strings;
  private final BitSet special = new BitSet();

  /// @param ids the model's own tokens; becomes part of this object
  /// @throws io.metalmarlin.formats.MarlinException `TOKENIZER_MALFORMED` where two tokens share an
  ///   id, or an id cannot be
  public Vocabulary(Map<String, Integer> ids, List<AddedToken> added, TokenizerErrors errors) {
    this.ids = ids;
    int limit = ids.size() + added.size() + MAX_GAP;
    int largest = -1;
    for (Map.Entry<String, Integer> entry : ids.entrySet()) {
      largest = Math.max(largest, checked(entry.getKey(), entry.getValue(), limit, errors));
    }
    for (AddedToken token : added) {
      largest = Math.max(largest, checked(token.content(), token.id(), limit, errors));
    }
    strings = new @Nullable String[largest + 1];
    for (Map.Entry<String, Integer> entry : ids.entrySet()) {
      claim(entry.getKey(), entry.getValue(), errors);
    }
    for (AddedToken token : added) {
      Integer known = ids.get(token.content());
      if (known == null) {
        claim(token.content(), token.id(), errors);
      } else if (known != token.id()) {
        throw errors.malformed(
            "added token \"%s\" has id %d, but the vocabulary says %d"
                .formatted(token.content(), token.id(), known));
      }
      if (token.special()) {
        special.set(token.id());
      }
    }
  }

  /// The model's own id of a string, or -1; added tokens count only if the model has them too.
  public int id(String token) {
    return ids.getOrDefault(token, -1);
  }

  /// The string of an id; null for special tokens and unknown ids.
  public @Nullable String visible(int id) {
    return special.get(Math.max(id, 0)) ? null : string(id);
  }

  /// The string of an id, special or not; null for unknown ids.
  public @Nullable String string(int id) {
    return id >= 0 && id < strings.length ? strings[id] : null;
  }

  /// The model's own tokens.
  public Map<String, Integer> ids() {
    return Collections.unmodifiableMap(ids);
  }

  /// One more than the largest id.
  public int size() {
    return strings.length;
  }

  private void claim(String token, int id, TokenizerErrors errors) {
    if (strings[id] != null) {
      throw errors.malformed("id %d is given twice, also to \"%s\"".formatted(id, token));
    }
    strings[id] = token;
  }

  private static int checked(String token, int id, int limit, TokenizerErrors errors) {
    if (id < 0 || id >= limit) {
      throw errors.malformed(
          "token \"%s\" has id %d, expected 0 to %d".formatted(token, id, limit - 1));
    }
    return id;
  }
}
