package io.metalmarlin.runtime.text.model;

import io.metalmarlin.runtime.text.vocabulary.Vocabulary;

/// One token per piece.
record WordLevelModel(Vocabulary vocabulary, int unknown) implements TokenModel {
  static WordLevelModel of(ModelInput in) {
    return new WordLevelModel(
        in.vocabulary(), in.known("unk_token", in.spec().text("unk_token", "<unk>")));
  }

  @Override
  public void tokenize(String piece, Ids out) {
    int id = vocabulary.id(piece);
    out.add(id < 0 ? unknown : id);
  }
}
