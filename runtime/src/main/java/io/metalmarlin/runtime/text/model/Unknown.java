package io.metalmarlin.runtime.text.model;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.text.vocabulary.Vocabulary;
import java.nio.charset.StandardCharsets;

/// What becomes of text that a vocabulary has no token for.
public final class Unknown {
  private final int id;
  private final boolean fused;
  private final int[] byteIds = new int[256];

  /// @param id the unknown token, -1 if there is none
  /// @param fused whether one token stands for several unknown characters in a row
  /// @param fallback whether a character becomes its bytes `<0x00>` to `<0xFF>` where all have one
  public Unknown(int id, boolean fused, boolean fallback, Vocabulary vocabulary) {
    this.id = id;
    this.fused = fused;
    for (int b = 0; b < 256; b++) {
      byteIds[b] = fallback ? vocabulary.id("<0x%02X>".formatted(b)) : -1;
    }
  }

  /// The unknown token, -1 for none.
  public int id() {
    return id;
  }

  /// The id again, for text that has to become it.
  ///
  /// @param text what is not known
  /// @throws MarlinException `TOKENIZER_MALFORMED` where there is none: the text would have to be
  ///   dropped
  int required(String text) {
    if (id < 0) {
      throw new MarlinException(
          ErrorCode.TOKENIZER_MALFORMED,
          "tokenizer",
          "there is no token for \"%s\" and no unknown token".formatted(text),
          "The text would be dropped without a word; use the publisher's tokenizer files.");
    }
    return id;
  }

  boolean fused() {
    return fused;
  }

  /// Appends the ids of the text's bytes and says true, or leaves `out` alone.
  public boolean bytes(String text, Ids out) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    for (byte b : utf8) {
      if (byteIds[b & 0xff] < 0) {
        return false;
      }
    }
    for (byte b : utf8) {
      out.add(byteIds[b & 0xff]);
    }
    return true;
  }
}
