package io.metalmarlin.runtime.text.settings;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Added tokens of models from before `added_tokens_decoder`: `added_tokens.json` has their ids,
/// and those are special that the settings or `special_tokens_map.json` name. All are looked for in
/// the raw text, as transformers' Python classes of that time do.
final class LegacyTokens {
  private static final String MORE = "additional_special_tokens";

  private LegacyTokens() {}

  /// @param ids token to id
  /// @return as `added_tokens_decoder` would have it
  static ObjectNode decoder(JsonNode ids, JsonNode settings, JsonNode map) {
    Set<String> special = new HashSet<>();
    for (JsonNode names : new JsonNode[] {settings, map}) {
      for (Map.Entry<String, JsonNode> e : names.properties()) {
        if (e.getKey().endsWith("_token")) {
          special.add(content(e.getValue()));
        }
      }
      names.path(MORE).forEach(t -> special.add(content(t)));
    }
    ObjectNode out = JsonMapper.shared().createObjectNode();
    for (Map.Entry<String, JsonNode> e : ids.properties()) {
      out.putObject(e.getValue().asString(""))
          .put("content", e.getKey())
          .put("special", special.contains(e.getKey()));
    }
    return out;
  }

  private static String content(JsonNode token) {
    return (token.isObject() ? token.path("content") : token).asString("");
  }
}
