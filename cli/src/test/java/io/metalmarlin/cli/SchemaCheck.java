package io.metalmarlin.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Checks JSON against the parts of JSON Schema that our schemas use: `type`, `enum`, `required`,
/// `properties`, `patternProperties`, `additionalProperties` and `items`. Stricter than the
/// standard in one point: a key that no schema mentions is an error, so the schemas stay complete.
final class SchemaCheck {
  private SchemaCheck() {}

  /// What is wrong with an envelope and its result; empty when all is well.
  static List<String> envelope(JsonNode json) {
    List<String> faults = new ArrayList<>();
    check(schema("envelope"), json, "$", faults);
    String name = json.path("schema").stringValue();
    if (!name.startsWith("marlin.") || !name.endsWith("/1")) {
      faults.add("$.schema is " + name);
    } else if (json.path("result").isObject()) {
      String command = name.substring("marlin.".length(), name.length() - 2);
      check(schema(command), json.path("result"), "$.result", faults);
    }
    return faults;
  }

  static JsonNode schema(String command) {
    try (InputStream in = Main.class.getResourceAsStream("schema/" + command + ".schema.json")) {
      return JsonMapper.shared().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void check(JsonNode schema, JsonNode value, String at, List<String> faults) {
    JsonNode type = schema.path("type");
    boolean fits = false;
    for (JsonNode t : type.isArray() ? type.values() : List.of(type)) {
      fits |= is(t.stringValue(), value);
    }
    if (!fits) {
      faults.add(at + " is " + value.getNodeType() + ", expected " + type);
      return;
    }
    if (schema.has("enum") && !schema.path("enum").valueStream().anyMatch(value::equals)) {
      faults.add(at + " is " + value + ", not one of " + schema.path("enum"));
    }
    if (value.isArray()) {
      for (int i = 0; i < value.size(); i++) {
        check(schema.path("items"), value.get(i), at + "[" + i + "]", faults);
      }
    }
    if (value.isObject() && schema.has("properties")) {
      object(schema, value, at, faults);
    }
    if (value.isObject() && schema.path("additionalProperties").isObject()) {
      value.forEachEntry(
          (k, v) -> check(schema.path("additionalProperties"), v, at + "." + k, faults));
    }
  }

  private static void object(JsonNode schema, JsonNode value, String at, List<String> faults) {
    for (JsonNode key : schema.path("required")) {
      if (!value.has(key.stringValue())) {
        faults.add(at + "." + key.stringValue() + " is missing");
      }
    }
    value.forEachEntry((key, v) -> {
      if (schema.path("properties").has(key)) {
        check(schema.path("properties").path(key), v, at + "." + key, faults);
      } else if (schema
          .path("patternProperties")
          .propertyStream()
          .noneMatch(p -> key.matches(".*" + p.getKey()))) {
        faults.add(at + "." + key + " is in no schema");
      }
    });
  }

  private static boolean is(String type, JsonNode v) {
    return switch (type) {
      case "object" -> v.isObject();
      case "array" -> v.isArray();
      case "string" -> v.isString();
      case "boolean" -> v.isBoolean();
      case "integer" -> v.isIntegralNumber();
      case "number" -> v.isNumber() && Double.isFinite(v.doubleValue());
      case "null" -> v.isNull();
      default -> throw new IllegalArgumentException("type " + type);
    };
  }
}
