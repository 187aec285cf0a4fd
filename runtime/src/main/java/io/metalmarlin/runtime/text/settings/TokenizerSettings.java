package io.metalmarlin.runtime.text.settings;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.json.JsonFiles;
import io.metalmarlin.runtime.text.frame.Frame;
import io.metalmarlin.runtime.text.spec.TokenizerErrors;
import io.metalmarlin.runtime.text.vocabulary.AddedToken;
import io.metalmarlin.runtime.text.vocabulary.Vocabulary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The settings of a tokenizer whose own file has no place for them.
///
/// @param file `tokenizer_config.json`, for messages
/// @param node its content, with what older files have beside it ([LegacyTokens]); empty where it
///   is missing
/// @param modelType `model_type` of `config.json`, empty where it is missing
public record TokenizerSettings(Path file, JsonNode node, String modelType) {
  private static final long MAX_BYTES = 64L << 20;
  private static final String ADDED = "added_tokens_decoder";

  /// The settings of a model folder.
  ///
  /// @throws MarlinException `CONFIG_MALFORMED`, `FILE_UNREADABLE`
  public static TokenizerSettings of(Path folder) {
    Path file = folder.resolve("tokenizer_config.json");
    JsonNode config = optional(folder.resolve("config.json"));
    ObjectNode settings = optional(file);
    Path added = folder.resolve("added_tokens.json");
    if (!settings.has(ADDED) && Files.exists(added)) {
      ObjectNode map = optional(folder.resolve("special_tokens_map.json"));
      settings.set(ADDED, LegacyTokens.decoder(optional(added), settings, map));
    }
    return new TokenizerSettings(file, settings, config.path("model_type").asString(""));
  }

  private static ObjectNode optional(Path file) {
    return Files.exists(file)
        ? JsonFiles.readObject(file, MAX_BYTES)
        : JsonMapper.shared().createObjectNode();
  }

  /// `tokenizer_class`, without the ending of the fast variant; empty where it is missing.
  public String tokenizerClass() {
    String name = node.path("tokenizer_class").asString("");
    return name.endsWith("Fast") ? name.substring(0, name.length() - 4) : name;
  }

  /// A truth value.
  public boolean flag(String name, boolean otherwise) {
    return node.path(name).asBoolean(otherwise);
  }

  /// `added_tokens_decoder`, joined to tokens that the tokenizer has of itself; the settings win.
  ///
  /// @throws MarlinException `TOKENIZER_MALFORMED` for a key that is no id
  public List<AddedToken> added(Collection<AddedToken> own) {
    Map<Integer, AddedToken> all = new LinkedHashMap<>();
    own.forEach(t -> all.put(t.id(), t));
    for (Map.Entry<String, JsonNode> e : node.path(ADDED).properties()) {
      String content = e.getValue().path("content").asString("");
      if (!e.getKey().matches("\\d{1,9}") || content.isEmpty()) {
        throw new TokenizerErrors(file)
            .malformed("added_tokens_decoder has " + e.getKey() + ": " + e.getValue());
      }
      int id = Integer.parseInt(e.getKey());
      all.put(id, AddedToken.of(id, content, e.getValue(), false));
    }
    return new ArrayList<>(all.values());
  }

  /// The begin and end tokens that `add_bos_token` and `add_eos_token` ask for.
  ///
  /// @param bos whether to begin where the settings do not say
  /// @param eos whether to end where the settings do not say
  /// @throws MarlinException `TOKENIZER_MALFORMED` for a token that is in no vocabulary
  public Frame frame(Vocabulary vocabulary, List<AddedToken> added, boolean bos, boolean eos) {
    return new Frame(
        one("bos_token", flag("add_bos_token", bos), vocabulary, added),
        one("eos_token", flag("add_eos_token", eos), vocabulary, added));
  }

  private int[] one(String name, boolean wanted, Vocabulary vocabulary, List<AddedToken> added) {
    JsonNode token = node.path(name);
    String content = (token.isObject() ? token.path("content") : token).asString("");
    if (!wanted || content.isEmpty()) {
      return new int[0];
    }
    int id =
        added.stream()
            .filter(t -> t.content().equals(content))
            .mapToInt(AddedToken::id)
            .findFirst()
            .orElse(vocabulary.id(content));
    if (id < 0) {
      throw new TokenizerErrors(file)
          .malformed("%s is \"%s\", which is no token".formatted(name, content));
    }
    return new int[] {id};
  }
}
