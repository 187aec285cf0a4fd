package io.metalmarlin.cli.out;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The rules of our JSON: no NaN, no Infinity, a missing number is null with the reason beside it.
public final class Json {
  private static final JsonMapper MAPPER = JsonMapper.shared();

  private Json() {}

  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /// Puts a finite number, or null and `<key>_reason`.
  public static void number(ObjectNode node, String key, double value, String reasonIfNot) {
    if (Double.isFinite(value)) {
      node.put(key, value);
    } else {
      missing(node, key, reasonIfNot);
    }
  }

  /// Puts null and `<key>_reason`.
  public static void missing(ObjectNode node, String key, String reason) {
    node.putNull(key);
    node.put(key + "_reason", reason);
  }

  /// One line of JSON.
  public static String text(ObjectNode node) {
    return MAPPER.writeValueAsString(node);
  }
}
