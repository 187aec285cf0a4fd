package io.metalmarlin.runtime.text.model;

import io.metalmarlin.runtime.text.unicode.ByteAlphabet;
import io.metalmarlin.runtime.text.vocabulary.Vocabulary;
import java.nio.charset.StandardCharsets;

/// Byte-level BPE: a piece's UTF-8 bytes, merged.
public final class ByteBpe implements TokenModel {
  private final Vocabulary vocabulary;
  private final BpeMerger merger;
  private final boolean ignoreMerges;
  private final int[] byteIds = new int[256];

  /// @param vocabulary with a token for every byte that UTF-8 has
  /// @param ignoreMerges whether a piece that is a token as a whole becomes it without merging
  public ByteBpe(Vocabulary vocabulary, MergeTable merges, boolean ignoreMerges) {
    this.vocabulary = vocabulary;
    this.merger = new BpeMerger(merges);
    this.ignoreMerges = ignoreMerges;
    for (int b = 0; b < 256; b++) {
      byteIds[b] = vocabulary.id(String.valueOf(ByteAlphabet.character(b)));
    }
  }

  @Override
  public void tokenize(String piece, Ids out) {
    if (ignoreMerges) {
      int whole = vocabulary.id(ByteAlphabet.spelled(piece));
      if (whole >= 0) {
        out.add(whole);
        return;
      }
    }
    byte[] bytes = piece.getBytes(StandardCharsets.UTF_8);
    int[] ids = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      ids[i] = byteIds[bytes[i] & 0xff];
    }
    out.addAll(ids, merger.merge(ids, ids.length));
  }
}
