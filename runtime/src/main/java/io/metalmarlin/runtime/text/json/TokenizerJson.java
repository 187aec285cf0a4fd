package io.metalmarlin.runtime.text.json;

import io.metalmarlin.runtime.text.decode.Decoders;
import io.metalmarlin.runtime.text.frame.PostProcessors;
import io.metalmarlin.runtime.text.model.ModelInput;
import io.metalmarlin.runtime.text.model.TokenModels;
import io.metalmarlin.runtime.text.normalize.Normalizers;
import io.metalmarlin.runtime.text.parts.TokenizerParts;
import io.metalmarlin.runtime.text.spec.TokenizerErrors;
import io.metalmarlin.runtime.text.split.PreTokenizers;
import io.metalmarlin.runtime.text.vocabulary.Vocabulary;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;

/// `tokenizer.json` of the `tokenizers` library. Everything in it that changes ids is either done
/// or refused by name.
public final class TokenizerJson {
  private TokenizerJson() {}

  /// Reads an existing file.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `TOKENIZER_MALFORMED` when it is broken or asks
  ///   for something not supported; `FILE_UNREADABLE`
  public static TokenizerParts read(Path file) {
    return parts(TokenizerFileReader.read(file), new TokenizerErrors(file));
  }

  /// Reads the content of such a file that another one holds.
  ///
  /// @param json UTF-8
  public static TokenizerParts read(TokenizerErrors errors, byte[] json) {
    return parts(TokenizerFileReader.read(errors, new ByteArrayInputStream(json)), errors);
  }

  private static TokenizerParts parts(TokenizerFile file, TokenizerErrors errors) {
    boolean unigram = file.model().type().equals("Unigram");
    if (unigram && file.scores().isEmpty() || !unigram && !file.scores().isEmpty()) {
      throw errors.malformed(
          "model.vocab of type %s is %s"
              .formatted(file.model().type(), unigram ? "no list of scores" : "a list"));
    }
    Vocabulary vocabulary = new Vocabulary(file.vocabulary(), file.addedTokens(), errors);
    PreTokenizers.Cut cut =
        file.model().type().equals("BPE")
            ? PreTokenizers.cut(file.preTokenizer())
            : new PreTokenizers.Cut(PreTokenizers.of(file.preTokenizer()), false);
    return new TokenizerParts(
        vocabulary,
        file.addedTokens(),
        Normalizers.of(file.normalizer()),
        cut.splitter(),
        TokenModels.of(
            new ModelInput(file.model(), vocabulary, file.scores(), file.merges(), cut.bytes())),
        PostProcessors.of(file.postProcessor()),
        Decoders.of(file.decoder()));
  }
}
