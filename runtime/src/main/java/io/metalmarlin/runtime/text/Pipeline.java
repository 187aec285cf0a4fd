package io.metalmarlin.runtime.text;

import io.metalmarlin.runtime.text.decode.Decoder;
import io.metalmarlin.runtime.text.frame.Frame;
import io.metalmarlin.runtime.text.model.Ids;
import io.metalmarlin.runtime.text.normalize.TextNormalizer;
import io.metalmarlin.runtime.text.parts.TokenizerParts;
import io.metalmarlin.runtime.text.split.Splitter;
import io.metalmarlin.runtime.text.unicode.Surrogates;
import io.metalmarlin.runtime.text.vocabulary.AddedToken;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Runs a tokenizer's parts as the `tokenizers` library does: cut out added tokens, normalize what
/// is between, cut out the added tokens that want normalized text, split what is left into pieces,
/// give each piece to the model.
///
/// Texts are treated as a whole: windows are cut from ids, never from characters. A lone surrogate
/// counts as U+FFFD. Safe for several threads.
final class Pipeline implements Tokenizer {
  private final TokenizerParts parts;
  private final TextNormalizer normalizer;
  private final AddedTokenMatcher raw;
  private final AddedTokenMatcher normalized;
  private final Splitter splitter;
  private final PieceCache cache = new PieceCache();

  Pipeline(TokenizerParts parts) {
    this.parts = parts;
    this.normalizer = parts.normalizer();
    List<AddedToken> added = parts.added();
    this.raw =
        new AddedTokenMatcher(
            added.stream().filter(t -> !t.normalized()).toList(), TextNormalizer.NONE);
    this.normalized =
        new AddedTokenMatcher(added.stream().filter(AddedToken::normalized).toList(), normalizer);
    this.splitter = parts.splitter().then(parts.model().cuts());
  }

  @Override
  public int[] encode(CharSequence text) {
    String clean = Surrogates.replaceLone(text.toString());
    Ids ids = new Ids(clean.length() / 3 + 16);
    raw.cut(clean, 0, clean.length(), new RawParts(ids));
    return ids.toArray();
  }

  @Override
  public Frame frame() {
    return parts.frame();
  }

  @Override
  public @Nullable String token(int id) {
    return parts.vocabulary().visible(id);
  }

  @Override
  public Decoder decoder() {
    return parts.decoder();
  }

  @Override
  public int vocabularySize() {
    return parts.vocabulary().size();
  }

  private void piece(String text, int start, int end, Ids out) {
    if (end - start > PieceCache.MAX_LENGTH) {
      parts.model().tokenize(text.substring(start, end), out);
      return;
    }
    int hash = PieceCache.hash(text, start, end);
    int[] ids = cache.find(text, start, end, hash);
    if (ids == null) {
      Ids fresh = new Ids(end - start);
      parts.model().tokenize(text.substring(start, end), fresh);
      ids = fresh.toArray();
      cache.put(text, start, end, hash, ids);
    }
    out.addAll(ids, ids.length);
  }

  /// What lies between the added tokens of the raw text.
  private final class RawParts implements AddedTokenMatcher.Sink {
    private final Ids out;

    RawParts(Ids out) {
      this.out = out;
    }

    @Override
    public void text(String text, int start, int end) {
      NormalizedParts inner = new NormalizedParts(out, start == 0);
      if (normalizer == TextNormalizer.NONE) {
        normalized.cut(text, start, end, inner);
      } else {
        String part = normalizer.apply(text.substring(start, end), start == 0);
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
    private final boolean first;

    /// @param first whether the stretch is the beginning of the text
    NormalizedParts(Ids out, boolean first) {
      this.out = out;
      this.first = first;
    }

    @Override
    public void text(String text, int start, int end) {
      splitter.split(text, start, end, first && start == 0, (t, s, e, f) -> piece(t, s, e, out));
    }

    @Override
    public void token(int id) {
      out.add(id);
    }
  }
}
