package io.metalmarlin.formats.model.gguf;

import java.util.Optional;

/// What `tokenizer.ggml.token_type` says of a token; the ids are 1 to 6.
public enum TokenKind {
  NORMAL,
  UNKNOWN,
  CONTROL,
  USER_DEFINED,
  UNUSED,
  BYTE;

  private static final TokenKind[] ALL = values();

  int id() {
    return ordinal() + 1;
  }

  static Optional<TokenKind> of(long id) {
    return id >= 1 && id <= ALL.length ? Optional.of(ALL[(int) id - 1]) : Optional.empty();
  }
}
