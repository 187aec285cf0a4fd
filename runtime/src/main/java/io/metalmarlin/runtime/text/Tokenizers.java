package io.metalmarlin.runtime.text;

import io.metalmarlin.runtime.text.json.TokenizerJson;
import io.metalmarlin.runtime.text.sentencepiece.SentencePieceFile;
import io.metalmarlin.runtime.text.settings.TokenizerSettings;
import io.metalmarlin.runtime.text.spec.TokenizerErrors;
import io.metalmarlin.runtime.text.tiktoken.RankFile;
import io.metalmarlin.runtime.text.tiktoken.TekkenFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reads the tokenizer of a model. Everything in its file that changes ids is either done or
/// refused by name.
public final class Tokenizers {
  private static final String FILE = "tokenizer.json";

  /// SentencePiece's names; `tokenizer.model` is also what Llama 3 and GLM 4 call a rank file.
  private static final List<String> PIECES = List.of("tokenizer.model", "spiece.model");

  private static final String TEKKEN = "tekken.json";

  /// What stands beside one of those, or in the place of one that is made of it.
  private static final Set<String> SETTINGS =
      Set.of(
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "vocab.json",
          "vocab.txt",
          "merges.txt");

  private Tokenizers() {}

  /// Whether a file of this name in a model folder is part of a tokenizer.
  public static boolean isFile(String name) {
    return name.equals(FILE)
        || name.equals(TEKKEN)
        || PIECES.contains(name)
        || SETTINGS.contains(name)
        || RankFile.isName(name);
  }

  /// The tokenizer of a model folder: the first of `tokenizer.json`, `tokenizer.model`,
  /// `spiece.model`, `*.tiktoken`, `tiktoken.model`, `tekken.json`.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `FILE_MISSING`; `TOKENIZER_MALFORMED` when it
  ///   is broken or asks for something not supported; `FILE_UNREADABLE`
  public static Tokenizer read(Path folder) {
    return find(folder).orElseThrow(() -> new TokenizerErrors(folder.resolve(FILE)).missing());
  }

  /// The same, empty where there is none.
  public static Optional<Tokenizer> find(Path folder) {
    Path json = folder.resolve(FILE);
    if (Files.exists(json)) {
      return Optional.of(new Pipeline(TokenizerJson.read(json)));
    }
    for (String name : PIECES) {
      Path file = folder.resolve(name);
      if (Files.exists(file) && !RankFile.isOne(file)) {
        return Optional.of(
            new Pipeline(SentencePieceFile.read(file, TokenizerSettings.of(folder))));
      }
    }
    Optional<Path> ranks = RankFile.in(folder);
    if (ranks.isPresent()) {
      return Optional.of(new Pipeline(RankFile.read(ranks.get(), TokenizerSettings.of(folder))));
    }
    Path tekken = folder.resolve(TEKKEN);
    if (Files.exists(tekken)) {
      return Optional.of(new Pipeline(TekkenFile.read(tekken, TokenizerSettings.of(folder))));
    }
    return Optional.empty();
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
