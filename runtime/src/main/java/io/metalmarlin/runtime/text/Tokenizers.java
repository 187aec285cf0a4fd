package io.metalmarlin.runtime.text;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// Reads the tokenizer of a model folder.
///
/// Supported is byte-level BPE in the `tokenizer.json` of the `tokenizers` library. Everything in
/// the file that changes ids is either done or refused by name. What only decorates is left out:
/// `post_processor` (begin and end tokens are the caller's business), `truncation` and `padding`.
public final class Tokenizers {
  private static final String FILE = "tokenizer.json";

  private Tokenizers() {}

  /// The tokenizer in `modelFolder/tokenizer.json`.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `FILE_MISSING`; `TOKENIZER_MALFORMED` when it
  ///   is broken or asks for something not supported; `FILE_UNREADABLE`
  public static Tokenizer read(Path modelFolder) {
    Path path = modelFolder.resolve(FILE);
    TokenizerErrors errors = new TokenizerErrors(path);
    if (!Files.exists(path)) {
      throw errors.missing();
    }
    return of(TokenizerFileReader.read(path), errors);
  }

  /// A tokenizer from the content of a `tokenizer.json` that another file holds.
  ///
  /// @param source that file, for messages
  /// @param json UTF-8
  /// @throws io.metalmarlin.formats.MarlinException `TOKENIZER_MALFORMED` as in [#read]
  public static Tokenizer of(Path source, byte[] json) {
    TokenizerErrors errors = new TokenizerErrors(source);
    return of(TokenizerFileReader.read(errors, new ByteArrayInputStream(json)), errors);
  }

  private static Tokenizer of(TokenizerFile file, TokenizerErrors errors) {
    checkModel(file.model(), errors);
    checkDecoder(file.decoder(), errors);
    Vocabulary vocabulary = new Vocabulary(file.vocabulary(), file.addedTokens(), errors);
    return new ByteLevelBpe(
        vocabulary,
        file.addedTokens(),
        Normalizers.of(file.normalizer(), errors),
        PreTokenizers.of(file.preTokenizer(), errors),
        merges(file.merges(), vocabulary, errors),
        file.model().path("ignore_merges").asBoolean(false));
  }

  private static void checkModel(JsonNode model, TokenizerErrors errors) {
    String type = model.path("type").asString("BPE");
    if (!type.equals("BPE")) {
      throw errors.unsupported("model type \"" + type + "\"");
    }
    for (String affix : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
      if (!model.path(affix).asString("").isEmpty()) {
        throw errors.unsupported("model." + affix + " \"" + model.path(affix).asString() + "\"");
      }
    }
    double dropout = model.path("dropout").asDouble(0);
    if (dropout != 0) {
      throw errors.unsupported("model.dropout " + dropout + " (ids would be random)");
    }
  }

  private static void checkDecoder(JsonNode decoder, TokenizerErrors errors) {
    String type = decoder.path("type").asString("(none)");
    JsonNode steps = decoder.path("decoders");
    if (type.equals("Sequence") && steps.size() == 1) {
      checkDecoder(steps.get(0), errors);
    } else if (!type.equals("ByteLevel")) {
      throw errors.unsupported("decoder type \"" + type + "\"");
    }
  }

  private static MergeTable merges(
      List<String> rules, Vocabulary vocabulary, TokenizerErrors errors) {
    int count = rules.size() / 2;
    MergeTable table = new MergeTable(count);
    for (int rank = 0; rank < count; rank++) {
      String left = rules.get(2 * rank);
      String right = rules.get(2 * rank + 1);
      table.put(
          known(left, rank, vocabulary, errors),
          known(right, rank, vocabulary, errors),
          rank,
          known(left + right, rank, vocabulary, errors));
    }
    return table;
  }

  private static int known(String token, int rank, Vocabulary vocabulary, TokenizerErrors errors) {
    int id = vocabulary.id(token);
    if (id < 0) {
      throw errors.malformed(
          "model.merges[%d] needs \"%s\", which model.vocab has not".formatted(rank, token));
    }
    return id;
  }
}
