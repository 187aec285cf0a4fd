package io.metalmarlin.runtime.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/// Byte-level BPE as the `tokenizers` library runs it: cut out added tokens, normalize what is
/// between, cut out the added tokens that want normalized text, split what is left into pieces,
/// write each piece in UTF-8 bytes, merge.
///
/// Texts are treated as a whole: windows are cut from ids, never from characters. A lone surrogate
/// counts as U+FFFD. Safe for several threads.
final class ByteLevelBpe implements Tokenizer {
  private final Vocabulary vocabulary;
  private final AddedTokenMatcher raw;
  private final AddedTokenMatcher normalized;
  private final UnaryOperator<String> normalizer;
  private final Splitter splitter;
  private final boolean ignoreMerges;
  private final BpeMerger merger;
  private final PieceCache cache = new PieceCache();

  ByteLevelBpe(
      Vocabulary vocabulary,
      List<AddedToken> added,
      UnaryOperator<String> normalizer,
      Splitter splitter,
      MergeTable merges,
      boolean ignoreMerges) {
    this.vocabulary = vocabulary;
    this.raw =
        new AddedTokenMatcher(
            added.stream().filter(t -> !t.normalized()).toList(), UnaryOperator.identity());
    this.normalized =
        new AddedTokenMatcher(added.stream().filter(AddedToken::normalized).toList(), normalizer);
    this.normalizer = normalizer;
    this.splitter = splitter;
    this.ignoreMerges = ignoreMerges;
    this.merger = new BpeMerger(merges);
  }

  @Override
  public int[] encode(CharSequence text) {
    String clean = Surrogates.replaceLone(text.toString());
    Ids ids = new Ids(clean.length() / 3 + 16);
    raw.cut(clean, 0, clean.length(), new RawParts(ids));
    return ids.toArray();
  }

  @Override
  public byte[] decodeBytes(int... ids) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(ids.length * 4);
    for (int id : ids) {
      bytes.writeBytes(vocabulary.bytes(id));
    }
    return bytes.toByteArray();
  }

  @Override
  public int vocabularySize() {
    return vocabulary.size();
  }

  private void encodePiece(String text, int start, int end, Ids out) {
    if (end - start > PieceCache.MAX_LENGTH) {
      out.addAll(merged(text.substring(start, end)));
      return;
    }
    int hash = PieceCache.hash(text, start, end);
    int[] ids = cache.find(text, start, end, hash);
    if (ids == null) {
      ids = merged(text.substring(start, end));
      cache.put(text, start, end, hash, ids);
    }
    out.addAll(ids);
  }

  private int[] merged(String piece) {
    byte[] bytes = piece.getBytes(StandardCharsets.UTF_8);
    if (ignoreMerges) {
      int whole = vocabulary.id(spelled(bytes));
      if (whole >= 0) {
        return new int[] {whole};
      }
    }
    int[] ids = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      ids[i] = vocabulary.byteId(bytes[i] & 0xff);
    }
    return Arrays.copyOf(ids, merger.merge(ids, ids.length));
  }

  /// The bytes as the vocabulary spells them.
  private static String spelled(byte[] bytes) {
    char[] spelled = new char[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      spelled[i] = ByteAlphabet.character(bytes[i] & 0xff);
    }
    return new String(spelled);
  }

  /// What lies between the added tokens of the raw text.
  private final class RawParts implements AddedTokenMatcher.Sink {
    private final Ids out;
    private final NormalizedParts inner;

    RawParts(Ids out) {
      this.out = out;
      this.inner = new NormalizedParts(out);
    }

    @Override
    public void text(String text, int start, int end) {
      if (normalizer == Normalizers.NONE) {
        normalized.cut(text, start, end, inner);
      } else {
        String part = normalizer.apply(text.substring(start, end));
        normalized.cut(part, 0, part.length(), inner);
      }
    }

    @Override
    public void token(int id) {
      out.add(id);
    }
  }

  /// What lies between all added tokens.
  private final class NormalizedParts implements AddedTokenMatcher.Sink {
    private final Ids out;

    NormalizedParts(Ids out) {
      this.out = out;
    }

    @Override
    public void text(String text, int start, int end) {
      splitter.split(text, start, end, (t, s, e) -> encodePiece(t, s, e, out));
    }

    @Override
    public void token(int id) {
      out.add(id);
    }
  }

  /// A growing list of ids.
  private static final class Ids {
    private int[] ids;
    private int size;

    Ids(int capacity) {
      ids = new int[capacity];
    }

    void add(int id) {
      if (size == ids.length) {
        ids = Arrays.copyOf(ids, size * 2);
      }
      ids[size++] = id;
    }

    void addAll(int[] more) {
      for (int id : more) {
        add(id);
      }
    }

    int[] toArray() {
      return Arrays.copyOf(ids, size);
    }
  }
}
