package io.metalmarlin.runtime.text.model;

import io.metalmarlin.runtime.text.spec.Kinds;
import io.metalmarlin.runtime.text.spec.Kinds.Kind;
import java.util.List;
import java.util.function.Function;

/// The `model` of `tokenizer.json`, by kind.
public final class TokenModels {
  /// One line per kind.
  public static final Kinds<Function<ModelInput, TokenModel>> ALL =
      new Kinds<>(
          List.of(
              new Kind<>("BPE", s -> BpeReader::read),
              new Kind<>("Unigram", s -> UnigramModel::of),
              new Kind<>("WordPiece", s -> WordPieceModel::of),
              new Kind<>("WordLevel", s -> WordLevelModel::of)));

  private TokenModels() {}

  /// @throws io.metalmarlin.formats.MarlinException `TOKENIZER_MALFORMED` naming what is wrong or
  ///   not supported
  public static TokenModel of(ModelInput input) {
    return ALL.read(input.spec()).apply(input);
  }
}
