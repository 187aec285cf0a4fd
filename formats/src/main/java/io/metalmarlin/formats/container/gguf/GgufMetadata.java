package io.metalmarlin.formats.container.gguf;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.TreeMap;

/// The typed metadata of a GGUF file, in the file's order.
///
/// @param where the file, or what else the values come from, for messages
/// @param values key to value
public record GgufMetadata(String where, SequencedMap<String, GgufValue> values) {
  public GgufMetadata {
    values = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(values));
  }

  public boolean has(String key) {
    return values.containsKey(key);
  }

  /// @throws MarlinException `CONFIG_MALFORMED` if the key holds something else
  public Optional<String> text(String key) {
    return switch (values.get(key)) {
      case null -> Optional.empty();
      case GgufValue.Text t -> Optional.of(t.value());
      case GgufValue other -> throw malformed(key, "a string", other);
    };
  }

  /// A whole number of any width; readers differ in the width they write.
  ///
  /// @throws MarlinException `CONFIG_MALFORMED` if the key holds something else
  public OptionalLong whole(String key) {
    return switch (values.get(key)) {
      case null -> OptionalLong.empty();
      case GgufValue.Whole w -> OptionalLong.of(w.value());
      case GgufValue other -> throw malformed(key, "a whole number", other);
    };
  }

  /// @throws MarlinException `CONFIG_MALFORMED` if the key holds something else
  public OptionalDouble real(String key) {
    return switch (values.get(key)) {
      case null -> OptionalDouble.empty();
      case GgufValue.Float32(float f) -> OptionalDouble.of(f);
      case GgufValue.Float64(double d) -> OptionalDouble.of(d);
      case GgufValue other -> throw malformed(key, "a floating-point number", other);
    };
  }

  /// @throws MarlinException `CONFIG_MALFORMED` if the key holds something else
  public Optional<Boolean> flag(String key) {
    return switch (values.get(key)) {
      case null -> Optional.empty();
      case GgufValue.Bool b -> Optional.of(b.value());
      case GgufValue other -> throw malformed(key, "true or false", other);
    };
  }

  /// @throws MarlinException `CONFIG_MALFORMED` if the key holds something else
  public Optional<List<String>> texts(String key) {
    return switch (values.get(key)) {
      case null -> Optional.empty();
      case GgufValue.Texts t -> Optional.of(t.values());
      case GgufNumbers n when n.size() == 0 -> Optional.of(List.of());
      case GgufValue other -> throw malformed(key, "an array of strings", other);
    };
  }

  /// @throws MarlinException `CONFIG_MALFORMED` if the key holds something else
  public Optional<GgufNumbers> numbers(String key) {
    return switch (values.get(key)) {
      case null -> Optional.empty();
      case GgufNumbers n -> Optional.of(n);
      case GgufValue other -> throw malformed(key, "an array of numbers", other);
    };
  }

  /// Every value as text, sorted by key; arrays give their element type and length.
  public Map<String, String> display() {
    Map<String, String> out = new TreeMap<>();
    values.forEach((key, value) -> out.put(key, value.display()));
    return out;
  }

  /// The same with `more` put in: known keys keep their place, new ones come last.
  public GgufMetadata with(Map<String, GgufValue> more) {
    LinkedHashMap<String, GgufValue> all = new LinkedHashMap<>(values);
    all.putAll(more);
    return new GgufMetadata(where, all);
  }

  private MarlinException malformed(String key, String expected, GgufValue actual) {
    return new MarlinException(
        ErrorCode.CONFIG_MALFORMED,
        where,
        "metadata key \""
            + key
            + "\" should be "
            + expected
            + ", it is "
            + actual.type()
            + " "
            + actual.display(),
        "Make the file again with a current converter.");
  }
}
