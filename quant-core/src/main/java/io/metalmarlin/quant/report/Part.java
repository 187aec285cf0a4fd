package io.metalmarlin.quant.report;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// An object inside a JSON file that anybody may have changed, and where it stands there. What is
/// asked for and has another type is an error with its place; what is optional and not there is
/// empty, never a made-up value.
///
/// @param at place for messages, for example `$.layers[3]`
record Part(Path file, String at, JsonNode node) {
  private static final int SHOWN = 40;

  static Part root(Path file, JsonNode node) {
    return new Part(file, "$", node);
  }

  /// The object under a key; empty where there is none.
  Optional<Part> part(String key) {
    JsonNode n = present(key);
    if (n == null) {
      return Optional.empty();
    }
    if (!n.isObject()) {
      throw wrong(key, n, "an object");
    }
    return Optional.of(new Part(file, at + "." + key, n));
  }

  /// The objects of a list; empty where there is no list.
  Optional<List<Part>> parts(String key) {
    JsonNode n = present(key);
    if (n == null) {
      return Optional.empty();
    }
    if (!n.isArray()) {
      throw wrong(key, n, "a list");
    }
    List<Part> all = new ArrayList<>();
    for (int i = 0; i < n.size(); i++) {
      String place = key + "[" + i + "]";
      if (!n.get(i).isObject()) {
        throw wrong(place, n.get(i), "an object");
      }
      all.add(new Part(file, at + "." + place, n.get(i)));
    }
    return Optional.of(all);
  }

  /// The objects of a list that must be there.
  List<Part> list(String key) {
    return parts(key).orElseThrow(() -> missing(key));
  }

  /// The strings of a list; empty where there is no list.
  List<String> texts(String key) {
    JsonNode n = present(key);
    if (n == null) {
      return List.of();
    }
    if (!n.isArray() || n.valueStream().anyMatch(v -> !v.isString())) {
      throw wrong(key, n, "a list of strings");
    }
    return n.valueStream().map(JsonNode::asString).toList();
  }

  /// The numbers of a list that must be there.
  List<Double> numbers(String key) {
    JsonNode n = present(key);
    if (n == null) {
      throw missing(key);
    }
    if (!n.isArray() || n.valueStream().anyMatch(v -> !finite(v))) {
      throw wrong(key, n, "a list of numbers");
    }
    return n.valueStream().map(JsonNode::asDouble).toList();
  }

  String text(String key) {
    return optionalText(key).orElseThrow(() -> missing(key));
  }

  Optional<String> optionalText(String key) {
    JsonNode n = present(key);
    if (n != null && !n.isString()) {
      throw wrong(key, n, "a string");
    }
    return Optional.ofNullable(n).map(JsonNode::asString);
  }

  double number(String key) {
    return optionalNumber(key).orElseThrow(() -> missing(key));
  }

  /// A finite number; empty also for what our files say where none could be computed.
  OptionalDouble optionalNumber(String key) {
    JsonNode n = present(key);
    if (n == null || n.isString() && n.asString().matches("NaN|-?Infinity")) {
      return OptionalDouble.empty();
    }
    if (!finite(n)) {
      throw wrong(key, n, "a finite number");
    }
    return OptionalDouble.of(n.asDouble());
  }

  long count(String key) {
    return optionalCount(key).orElseThrow(() -> missing(key));
  }

  /// A whole number from 0.
  OptionalLong optionalCount(String key) {
    JsonNode n = present(key);
    if (n == null) {
      return OptionalLong.empty();
    }
    if (!n.isIntegralNumber() || !n.canConvertToLong() || n.asLong() < 0) {
      throw wrong(key, n, "a whole number from 0");
    }
    return OptionalLong.of(n.asLong());
  }

  boolean flag(String key) {
    JsonNode n = present(key);
    if (n == null) {
      throw missing(key);
    }
    if (!n.isBoolean()) {
      throw wrong(key, n, "true or false");
    }
    return n.asBoolean();
  }

  /// Every member as text, in the file's order; strings of a list with commas, other lists and
  /// objects as JSON, members without a value left out.
  SequencedMap<String, String> words() {
    SequencedMap<String, String> all = new LinkedHashMap<>();
    node.forEachEntry((key, v) -> {
      boolean strings = v.isArray() && v.valueStream().allMatch(JsonNode::isString);
      String text =
          strings
              ? v.valueStream().map(JsonNode::asString).collect(Collectors.joining(", "))
              : v.isString() ? v.asString() : v.isNull() ? "" : v.toString();
      if (!text.isEmpty() && !text.equals("[]") && !text.equals("{}")) {
        all.put(key, text);
      }
    });
    return all;
  }

  /// The file does not say what it should.
  MarlinException malformed(String where, String what) {
    return new MarlinException(
        ErrorCode.CONFIG_MALFORMED,
        file.toString(),
        at + "." + where + " " + what,
        "It was changed after marlin wrote it: fetch it again, or make the output again.");
  }

  private @Nullable JsonNode present(String key) {
    JsonNode n = node.get(key);
    return n == null || n.isNull() ? null : n;
  }

  private static boolean finite(JsonNode n) {
    return n.isNumber() && Double.isFinite(n.asDouble());
  }

  private MarlinException missing(String key) {
    return malformed(key, "is missing");
  }

  private MarlinException wrong(String key, JsonNode n, String expected) {
    String found = n.toString();
    String shown = found.length() > SHOWN ? found.substring(0, SHOWN) + "..." : found;
    return malformed(key, "is " + shown + ", expected " + expected);
  }
}
