package io.metalmarlin.runtime.chat;

import io.metalmarlin.runtime.template.value.Text;
import io.metalmarlin.runtime.template.value.Value;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// The tokens that templates name: `bos_token`, `eos_token` and the like of
/// `tokenizer_config.json`, each a string or an object with a `content`.
final class SpecialTokens {
  private static final String SUFFIX = "_token";

  private SpecialTokens() {}

  static Map<String, Value> of(JsonNode tokenizerConfig) {
    Map<String, Value> out = new LinkedHashMap<>();
    add(tokenizerConfig, out);
    JsonNode extra = tokenizerConfig.path("extra_special_tokens");
    if (extra.isObject()) {
      add(extra, out);
    }
    return out;
  }

  private static void add(JsonNode object, Map<String, Value> out) {
    object
        .properties()
        .forEach(e -> {
          JsonNode v = e.getValue().isObject() ? e.getValue().path("content") : e.getValue();
          if (e.getKey().endsWith(SUFFIX) && v.isString()) {
            out.put(e.getKey(), new Text(v.stringValue()));
          }
        });
  }
}
