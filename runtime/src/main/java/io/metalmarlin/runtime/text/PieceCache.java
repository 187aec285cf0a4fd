package io.metalmarlin.runtime.text;

import org.jspecify.annotations.Nullable;

/// Remembers the ids of short pieces (words come again and again). Direct-mapped and bounded: a new
/// piece replaces the one in its slot, so a hostile text costs time but no memory.
///
/// Safe for several threads without a lock: entries are immutable and a lost write is only a miss.
final class PieceCache {
  /// Longer pieces are rare and would fill the memory.
  static final int MAX_LENGTH = 32;

  private static final int SLOTS = 1 << 16;

  private final @Nullable Entry[] entries = new @Nullable Entry[SLOTS];

  /// The ids of `text[start, end)` if remembered. The caller must not change them.
  int @Nullable [] find(String text, int start, int end, int hash) {
    Entry entry = entries[slot(hash)];
    if (entry == null
        || entry.hash != hash
        || entry.piece.length() != end - start
        || !text.startsWith(entry.piece, start)) {
      return null;
    }
    return entry.ids;
  }

  /// Remembers the ids, which must never change afterwards.
  void put(String text, int start, int end, int hash, int[] ids) {
    entries[slot(hash)] = new Entry(text.substring(start, end), hash, ids);
  }

  /// The hash both methods ask for.
  static int hash(String text, int start, int end) {
    int hash = 0;
    for (int i = start; i < end; i++) {
      hash = hash * 31 + text.charAt(i);
    }
    return hash;
  }

  private static int slot(int hash) {
    return (hash * 0x9E3779B9) >>> 16;
  }

  private record Entry(String piece, int hash, int[] ids) {}
}
