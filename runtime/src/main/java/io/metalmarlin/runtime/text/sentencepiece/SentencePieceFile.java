package io.metalmarlin.runtime.text.sentencepiece;

import io.metalmarlin.formats.model.gguf.SentencePieceModel;
import io.metalmarlin.formats.model.gguf.SentencePieceModel.Piece;
import io.metalmarlin.formats.model.gguf.TokenKind;
import io.metalmarlin.runtime.text.model.TokenModel;
import io.metalmarlin.runtime.text.model.Unknown;
import io.metalmarlin.runtime.text.normalize.Charsmap;
import io.metalmarlin.runtime.text.parts.TokenizerParts;
import io.metalmarlin.runtime.text.settings.TokenizerSettings;
import io.metalmarlin.runtime.text.spec.TokenizerErrors;
import io.metalmarlin.runtime.text.split.Splitter;
import io.metalmarlin.runtime.text.vocabulary.AddedToken;
import io.metalmarlin.runtime.text.vocabulary.Vocabulary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A SentencePiece file as a tokenizer, with ids as SentencePiece gives them. Control pieces and
/// the added tokens of the settings are found in texts, as transformers does it.
public final class SentencePieceFile {
  private final TokenizerErrors errors;
  private final SentencePieceModel model;
  private final TokenizerSettings settings;

  private SentencePieceFile(
      TokenizerErrors errors, SentencePieceModel model, TokenizerSettings settings) {
    this.errors = errors;
    this.model = model;
    this.settings = settings;
  }

  /// @throws io.metalmarlin.formats.MarlinException `TOKENIZER_MALFORMED`, `FILE_UNREADABLE`
  public static TokenizerParts read(Path file, TokenizerSettings settings) {
    return new SentencePieceFile(new TokenizerErrors(file), SentencePieceModel.read(file), settings)
        .parts();
  }

  private TokenizerParts parts() {
    Map<String, Integer> ids = new HashMap<>();
    List<AddedToken> own = new ArrayList<>();
    int unknown = -1;
    for (int id = 0; id < model.pieces().size(); id++) {
      Piece piece = model.pieces().get(id);
      if (ids.putIfAbsent(piece.text(), id) != null) {
        throw errors.malformed("piece \"%s\" is given twice".formatted(piece.text()));
      }
      if (piece.kind() == TokenKind.CONTROL) {
        own.add(AddedToken.special(id, piece.text()));
      }
      unknown = piece.kind() == TokenKind.UNKNOWN ? id : unknown;
    }
    if (unknown < 0) {
      throw errors.malformed("no piece is the unknown one");
    }
    List<AddedToken> added = settings.added(own);
    Vocabulary vocabulary = new Vocabulary(ids, added, errors);
    PrefixMatcher userDefined = new PrefixMatcher(model);
    String name = settings.tokenizerClass();
    return new TokenizerParts(
        vocabulary,
        added,
        new PieceNormalizer(model, charsmap(), userDefined, settings.flag("legacy", true)),
        Splitter.WHOLE,
        model(userDefined, new Unknown(unknown, true, model.byteFallback(), vocabulary)),
        settings.frame(
            vocabulary,
            added,
            name.matches("(Code)?LlamaTokenizer|GemmaTokenizer"),
            name.equals("T5Tokenizer")),
        PieceDecoder.of(model, model.pieces().get(unknown).text()));
  }

  private @Nullable Charsmap charsmap() {
    if (model.charsmap().length == 0) {
      return null;
    }
    try {
      return Charsmap.of(model.charsmap());
    } catch (IllegalArgumentException e) {
      throw errors.malformed("precompiled_charsmap: " + e.getMessage(), e);
    }
  }

  private TokenModel model(PrefixMatcher userDefined, Unknown unknown) {
    if (model.unigram()) {
      return new PieceUnigram(model, unknown);
    }
    if (model.pieces().stream().anyMatch(p -> p.kind() == TokenKind.UNUSED)) {
      throw errors.unsupported("a BPE model with unused pieces");
    }
    return new PieceBpe(model, userDefined, unknown);
  }
}
