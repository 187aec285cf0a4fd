package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.gguf.GgufMetadata;
import io.metalmarlin.formats.container.gguf.GgufNumbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// The `tokenizer.ggml.*` arrays of a file, checked against each other.
///
/// @param where the file, for messages
/// @param model `gpt2` for byte-level BPE, `llama` for SentencePiece
/// @param tokens by id
/// @param kinds by id
/// @param merges of BPE, `a b` each, in rank order
/// @param scores of SentencePiece by id
record GgufVocabulary(
    String where,
    String model,
    List<String> tokens,
    List<TokenKind> kinds,
    List<String> merges,
    Optional<GgufNumbers> scores,
    GgufMetadata metadata) {
  static final String PREFIX = "tokenizer.ggml.";

  /// @throws MarlinException `TOKENIZER_MALFORMED`
  static GgufVocabulary of(GgufMetadata m) {
    String model = m.text(PREFIX + "model").orElseThrow(() -> missing(m, "model"));
    List<String> tokens = m.texts(PREFIX + "tokens").orElseThrow(() -> missing(m, "tokens"));
    Optional<GgufNumbers> types = m.numbers(PREFIX + "token_type");
    Optional<GgufNumbers> scores = m.numbers(PREFIX + "scores");
    checkLength(m, "token_type", types, tokens.size());
    checkLength(m, "scores", scores, tokens.size());
    List<TokenKind> kinds = new ArrayList<>(tokens.size());
    for (int id = 0; id < tokens.size(); id++) {
      long type = types.isPresent() ? types.get().whole(id) : TokenKind.NORMAL.id();
      int at = id;
      kinds.add(
          TokenKind.of(type).orElseThrow(() -> malformed(m, "token_type[" + at + "] is " + type)));
    }
    return new GgufVocabulary(
        m.where(), model, tokens, kinds, m.texts(PREFIX + "merges").orElse(List.of()), scores, m);
  }

  /// The token that a key like `bos_token_id` names, if the key is there.
  Optional<String> special(String key) {
    OptionalLong id = metadata.whole(PREFIX + key);
    if (id.isEmpty()) {
      return Optional.empty();
    }
    long i = id.getAsLong();
    if (i < 0 || i >= tokens.size()) {
      throw malformed(
          metadata, "%s is %d, the vocabulary has %d tokens".formatted(key, i, tokens.size()));
    }
    return Optional.of(tokens.get((int) i));
  }

  Optional<Boolean> flag(String key) {
    return metadata.flag(PREFIX + key);
  }

  MarlinException malformed(String what) {
    return malformed(metadata, what);
  }

  private static void checkLength(
      GgufMetadata m, String key, Optional<GgufNumbers> array, int tokens) {
    boolean floats = key.equals("scores");
    array.ifPresent(a -> {
      if (a.size() != tokens || !floats && !a.element().isWhole()) {
        throw malformed(
            m, "%s is %s, the vocabulary has %d tokens".formatted(key, a.display(), tokens));
      }
    });
  }

  private static MarlinException missing(GgufMetadata m, String key) {
    return malformed(m, PREFIX + key + " is missing");
  }

  private static MarlinException malformed(GgufMetadata m, String what) {
    return new MarlinException(
        ErrorCode.TOKENIZER_MALFORMED,
        m.where(),
        what,
        "Make the file again with a current converter.");
  }
}
