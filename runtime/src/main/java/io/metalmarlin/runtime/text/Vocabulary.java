package io.metalmarlin.runtime.text;

import java.util.List;
import java.util.Map;

/// Strings and ids of a byte-level BPE model and its added tokens, both ways.
final class Vocabulary {
  /// Ids may have gaps, but an id far beyond the number of tokens would only blow up the tables.
  private static final int MAX_GAP = 1 << 16;

  private static final byte[] NOTHING = new byte[0];

  private final Map<String, Integer> ids;
  private final byte[][] bytes;
  private final int[] byteIds = new int[256];

  /// @param ids the model's own tokens; becomes part of this object
  Vocabulary(Map<String, Integer> ids, List<AddedToken> added, TokenizerErrors errors) {
    this.ids = ids;
    int limit = ids.size() + added.size() + MAX_GAP;
    int largest = -1;
    for (Map.Entry<String, Integer> entry : ids.entrySet()) {
      largest = Math.max(largest, checked(entry.getKey(), entry.getValue(), limit, errors));
    }
    for (AddedToken token : added) {
      largest = Math.max(largest, checked(token.content(), token.id(), limit, errors));
    }
    bytes = new byte[largest + 1][];
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
    }
    for (AddedToken token : added) {
      if (token.special()) {
        bytes[token.id()] = NOTHING;
      }
    }
    for (int b = 0; b < byteIds.length; b++) {
      byteIds[b] = byteId(b, errors);
    }
  }

  /// The model's own id of a string, or -1; added tokens count only if the model has them too.
  int id(String token) {
    return ids.getOrDefault(token, -1);
  }

  /// The id of a single byte, 0 <= b < 256; -1 for the bytes that no UTF-8 text has.
  int byteId(int b) {
    return byteIds[b];
  }

  /// What an id decodes to; nothing for special tokens and unknown ids.
  byte[] bytes(int id) {
    return id >= 0 && id < bytes.length && bytes[id] != null ? bytes[id] : NOTHING;
  }

  /// One more than the largest id.
  int size() {
    return bytes.length;
  }

  private void claim(String token, int id, TokenizerErrors errors) {
    if (bytes[id] != null) {
      throw errors.malformed("id %d is given twice, also to \"%s\"".formatted(id, token));
    }
    bytes[id] = ByteAlphabet.bytes(token);
  }

  private static int checked(String token, int id, int limit, TokenizerErrors errors) {
    if (id < 0 || id >= limit) {
      throw errors.malformed(
          "token \"%s\" has id %d, expected 0 to %d".formatted(token, id, limit - 1));
    }
    return id;
  }

  /// A missing byte would have to be dropped from texts; nobody would notice.
  private int byteId(int b, TokenizerErrors errors) {
    int id = id(String.valueOf(ByteAlphabet.character(b)));
    boolean inUtf8 = b < 0xC0 || b > 0xC1 && b < 0xF5;
    if (id < 0 && inUtf8) {
      throw errors.unsupported("a vocabulary without a token for byte 0x%02X".formatted(b));
    }
    return id;
  }
}
