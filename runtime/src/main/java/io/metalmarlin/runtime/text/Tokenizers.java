package io.metalmarlin.runtime.text;

import io.metalmarlin.formats.container.gguf.Gguf;
import io.metalmarlin.formats.container.gguf.GgufCheckpoint;
import io.metalmarlin.formats.model.gguf.GgufTokenizer;
import io.metalmarlin.runtime.text.json.TokenizerJson;
import io.metalmarlin.runtime.text.sentencepiece.SentencePieceFile;
import io.metalmarlin.runtime.text.settings.TokenizerSettings;
import io.metalmarlin.runtime.text.spec.TokenizerErrors;
import io.metalmarlin.runtime.text.tiktoken.RankFile;
import io.metalmarlin.runtime.text.tiktoken.TekkenFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Reads the tokenizer of a model. Everything in its file that changes ids is either done or
/// refused by name.
public final class Tokenizers {
  private static final String FILE = "tokenizer.json";

  /// SentencePiece's names; `tokenizer.model` is also what Llama 3 and GLM 4 call a rank file.
  private static final List<String> PIECES = List.of("tokenizer.model", "spiece.model");

  private static final String TEKKEN = "tekken.json";

  private Tokenizers() {}

  /// The tokenizer of a model folder or GGUF file: the first of `tokenizer.json`,
  /// `tokenizer.model`, `spiece.model`, `*.tiktoken`, `tiktoken.model`, `tekken.json`, and what a
  /// GGUF file holds.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `FILE_MISSING`; `TOKENIZER_MALFORMED` when it
  ///   is broken or asks for something not supported; `FILE_UNREADABLE`
  public static Tokenizer read(Path model) {
    return find(model).orElseThrow(() -> new TokenizerErrors(model.resolve(FILE)).missing());
  }

  /// The same, empty where there is none.
  public static Optional<Tokenizer> find(Path model) {
    Path json = model.resolve(FILE);
    if (Files.exists(json)) {
      return Optional.of(new Pipeline(TokenizerJson.read(json)));
    }
    for (String name : PIECES) {
      Path file = model.resolve(name);
      if (Files.exists(file) && !RankFile.isOne(file)) {
        return Optional.of(new Pipeline(SentencePieceFile.read(file, TokenizerSettings.of(model))));
      }
    }
    Optional<Path> ranks = RankFile.in(model);
    if (ranks.isPresent()) {
      return Optional.of(new Pipeline(RankFile.read(ranks.get(), TokenizerSettings.of(model))));
    }
    Path tekken = model.resolve(TEKKEN);
    if (Files.exists(tekken)) {
      return Optional.of(new Pipeline(TekkenFile.read(tekken, TokenizerSettings.of(model))));
    }
    if (Files.exists(model) && Gguf.INSTANCE.accepts(model)) {
      return Optional.of(gguf(model));
    }
    return Optional.empty();
  }

  private static Tokenizer gguf(Path model) {
    try (GgufCheckpoint file = Gguf.INSTANCE.open(model)) {
      return of(
          model,
          GgufTokenizer.tokenizerJson(file.typedMetadata())
              .toString()
              .getBytes(StandardCharsets.UTF_8));
    }
  }

  /// A tokenizer from the content of a `tokenizer.json` that another file holds.
  ///
  /// @param source that file, for messages
  /// @param json UTF-8
  /// @throws io.metalmarlin.formats.MarlinException `TOKENIZER_MALFORMED` as in [#read]
  public static Tokenizer of(Path source, byte[] json) {
    return new Pipeline(TokenizerJson.read(new TokenizerErrors(source), json));
  }
}
