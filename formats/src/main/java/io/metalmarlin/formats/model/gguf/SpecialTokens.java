package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.container.gguf.GgufValue;
import io.metalmarlin.formats.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/// Which tokens of a vocabulary are special, and which of them stand around every text.
///
/// @param settings the content of `tokenizer_config.json`
/// @param processor the `post_processor` of `tokenizer.json`
record SpecialTokens(TokenTable table, JsonNode settings, ModelConfig config, JsonNode processor) {
  /// Key in GGUF and name in the two configurations.
  private static final Map<String, String> IDS =
      Map.of(
          "bos_token_id", "bos",
          "eos_token_id", "eos",
          "unknown_token_id", "unk",
          "padding_token_id", "pad");

  void write(Map<String, GgufValue> out) {
    for (String key :
        List.of("bos_token_id", "eos_token_id", "unknown_token_id", "padding_token_id")) {
      id(IDS.get(key)).ifPresent(id -> out.put(GgufVocabulary.PREFIX + key, GgufValue.uint32(id)));
    }
  }

  /// The id of a special token: the token that `tokenizer_config.json` names, else the first id in
  /// `config.json`.
  OptionalInt id(String name) {
    JsonNode token = settings.path(name + "_token");
    String text = (token.isObject() ? token.path("content") : token).asString("");
    if (!text.isEmpty()) {
      int id = table.indexOf(text);
      if (id >= 0) {
        return OptionalInt.of(id);
      }
    }
    JsonNode ids = config.root().path(name + "_token_id");
    JsonNode first = ids.isArray() ? ids.path(0) : ids;
    return first.isIntegralNumber() && first.canConvertToInt() && table.has(first.intValue())
        ? OptionalInt.of(first.intValue())
        : OptionalInt.empty();
  }

  /// Whether texts begin with the begin token: what the settings say, else whether the template of
  /// the post-processor puts it there.
  boolean addsBos() {
    return adds("add_bos_token", id("bos"), true);
  }

  /// The same of the end token behind a text.
  boolean addsEos() {
    return adds("add_eos_token", id("eos"), false);
  }

  private boolean adds(String key, OptionalInt id, boolean first) {
    JsonNode said = settings.path(key);
    if (said.isBoolean() || id.isEmpty()) {
      return said.asBoolean(false);
    }
    String token = table.token(id.getAsInt());
    return templates(processor).stream()
        .map(t -> t.path("single"))
        .map(s -> s.path(first ? 0 : Math.max(0, s.size() - 1)))
        .map(s -> s.path("SpecialToken").path("id").asString(""))
        .anyMatch(token::equals);
  }

  private static List<JsonNode> templates(JsonNode processor) {
    List<JsonNode> all = new ArrayList<>(List.of(processor));
    processor.path("processors").forEach(all::add);
    return all;
  }
}
