package io.metalmarlin.runtime.text.tiktoken;

import io.metalmarlin.formats.json.JsonFiles;
import io.metalmarlin.runtime.text.parts.TokenizerParts;
import io.metalmarlin.runtime.text.settings.TokenizerSettings;
import io.metalmarlin.runtime.text.spec.TokenizerErrors;
import io.metalmarlin.runtime.text.unicode.ByteAlphabet;
import io.metalmarlin.runtime.text.vocabulary.AddedToken;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Mistral's `tekken.json`: ranks in JSON, with the expression that cuts texts. The ids of special
/// tokens come first, those of the ranks behind them; ranks beyond the size of the vocabulary are
/// not used.
public final class TekkenFile {
  private static final long MAX_BYTES = 64L << 20;

  private TekkenFile() {}

  /// @throws io.metalmarlin.formats.MarlinException `TOKENIZER_MALFORMED`, `CONFIG_MALFORMED`,
  ///   `FILE_UNREADABLE`
  public static TokenizerParts read(Path file, TokenizerSettings settings) {
    TokenizerErrors errors = new TokenizerErrors(file);
    JsonNode root = JsonFiles.readObject(file, MAX_BYTES);
    JsonNode config = root.path("config");
    int size = whole(config, "default_vocab_size", errors);
    int specials = whole(config, "default_num_special_tokens", errors);
    if (!config.path("pattern").isString() || specials > size) {
      throw errors.malformed("config has no pattern, or more special tokens than tokens");
    }
    Map<String, Integer> ids = new HashMap<>();
    for (JsonNode entry : root.path("vocab")) {
      int rank = whole(entry, "rank", errors);
      if (rank < size - specials
          && ids.putIfAbsent(token(entry, errors), rank + specials) != null) {
        throw errors.malformed("rank %d is a token of another rank, too".formatted(rank));
      }
    }
    return RankFile.parts(
        ids,
        special(root.path("special_tokens"), errors),
        new RankFamilies.Family(
            Set.of(), config.path("pattern").stringValue(), "", true, List.of()),
        settings,
        errors);
  }

  private static String token(JsonNode entry, TokenizerErrors errors) {
    try {
      return ByteAlphabet.spelled(
          Base64.getDecoder().decode(entry.path("token_bytes").asString("")));
    } catch (IllegalArgumentException e) {
      throw errors.malformed("token_bytes of " + entry + ": " + e.getMessage(), e);
    }
  }

  private static List<AddedToken> special(JsonNode list, TokenizerErrors errors) {
    if (!list.isArray()) {
      throw errors.unsupported("a tekken.json without special_tokens");
    }
    List<AddedToken> all = new ArrayList<>();
    for (JsonNode entry : list) {
      String content = entry.path("token_str").asString("");
      all.add(AddedToken.special(whole(entry, "rank", errors), content));
    }
    return all;
  }

  private static int whole(JsonNode node, String name, TokenizerErrors errors) {
    JsonNode value = node.path(name);
    if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 0) {
      throw errors.malformed("%s is %s, not a whole number".formatted(name, value));
    }
    return value.intValue();
  }
}
