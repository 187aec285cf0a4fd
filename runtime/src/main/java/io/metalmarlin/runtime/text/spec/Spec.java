package io.metalmarlin.runtime.text.spec;

import io.metalmarlin.formats.MarlinException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// One part of a tokenizer's description with typed fields; a field of another type is an error
/// that names it.
///
/// @param part what messages call it: `normalizer`, `pre_tokenizer`, ...
/// @param node the JSON object; missing or null where the file has none
/// @param errors how the file is refused
public record Spec(String part, JsonNode node, TokenizerErrors errors) {
  /// Whether the file says nothing here.
  public boolean absent() {
    return node.isMissingNode() || node.isNull();
  }

  /// The kind, `(none)` without one.
  public String type() {
    return node.path("type").asString("(none)");
  }

  /// A string that must be there.
  ///
  /// @throws MarlinException `TOKENIZER_MALFORMED`
  public String text(String name) {
    JsonNode value = node.path(name);
    if (!value.isString()) {
      throw wrong(name, "a string", value);
    }
    return value.stringValue();
  }

  /// A string; missing or null gives `otherwise`.
  public String text(String name, String otherwise) {
    return present(name) ? text(name) : otherwise;
  }

  /// Exactly one code point; missing or null gives `otherwise`.
  public int character(String name, int otherwise) {
    return present(name) ? character(name) : otherwise;
  }

  /// Exactly one code point, which must be there.
  public int character(String name) {
    String text = text(name);
    if (text.codePointCount(0, text.length()) != 1) {
      throw wrong(name, "one character", node.path(name));
    }
    return text.codePointAt(0);
  }

  /// true or false; missing or null gives `otherwise`.
  public boolean flag(String name, boolean otherwise) {
    if (!present(name)) {
      return otherwise;
    }
    JsonNode value = node.path(name);
    if (!value.isBoolean()) {
      throw wrong(name, "true or false", value);
    }
    return value.booleanValue();
  }

  /// A whole number from 0 on; missing or null gives `otherwise`.
  public int whole(String name, int otherwise) {
    if (!present(name)) {
      return otherwise;
    }
    JsonNode value = node.path(name);
    if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 0) {
      throw wrong(name, "a whole number", value);
    }
    return value.intValue();
  }

  /// Whether the field is there and not null.
  public boolean present(String name) {
    return node.has(name) && !node.path(name).isNull();
  }

  /// The parts in an array, each of the same kind of part as this one.
  public List<Spec> list(String name) {
    JsonNode array = node.path(name);
    if (!array.isArray()) {
      throw wrong(name, "an array", array);
    }
    List<Spec> all = new ArrayList<>();
    array.forEach(n -> all.add(new Spec(part, n, errors)));
    return all;
  }

  /// A field that is not what it should be.
  public MarlinException wrong(String name, String expected, JsonNode found) {
    return errors.malformed(
        "%s %s: %s should be %s, found %s".formatted(part, type(), name, expected, found));
  }

  /// A setting of this part that cannot be done.
  public MarlinException unsupported(String what) {
    return errors.unsupported(part + " " + type() + " " + what);
  }
}
