package io.metalmarlin.formats.container.safetensors;

import io.metalmarlin.formats.container.safetensors.Header.Entry;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/// The JSON of a header, token by token, as strict and as lax as the reference (serde_json): any
/// white space around values, entries in any order, unknown fields of an entry ignored, the last of
/// two equal keys wins; no lone surrogates, no numbers beyond double, no nesting deeper than 127.
///
/// Stricter than the reference in three absurd cases that no writer produces: an entry written as
/// an array `["F32",[1],[0,4]]` and a dtype written as an object `{"F32":null}`, which serde
/// happens to take, and a tensor without elements that has a dimension or product of 2^63 or more
/// beside its 0.
final class HeaderParser {
  private static final String METADATA = "__metadata__";
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(127)
                  .maxNameLength(HeaderReader.MAX_HEADER)
                  .maxStringLength(HeaderReader.MAX_HEADER)
                  .maxNumberLength(HeaderReader.MAX_HEADER)
                  .build())
          // Names of a hostile file must not fill a table that outlives it.
          .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
          .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
          .build();

  private final Path file;
  private final byte[] header;
  private final JsonParser json;
  private @Nullable String tensor;

  /// @param header strict UTF-8, checked by the caller
  HeaderParser(Path file, byte[] header) {
    this.file = file;
    this.header = header;
    // From characters, so that Jackson does not guess UTF-16 or UTF-32 from NUL bytes.
    this.json =
        FACTORY.createParser(
            ObjectReadContext.empty(),
            new InputStreamReader(new ByteArrayInputStream(header), StandardCharsets.UTF_8));
  }

  /// @param entries in file order, unchecked against each other and the file
  record Parsed(Map<String, Entry> entries, Map<String, String> metadata) {}

  Parsed parse() {
    try (json) {
      return document();
    } catch (JacksonException e) {
      long at = e.getLocation() == null ? 0 : e.getLocation().getCharOffset();
      throw new SafetensorsException(
          Fault.INVALID_JSON, file, tensor, offset(at), "JSON", e.getOriginalMessage(), e);
    }
  }

  private Parsed document() {
    if (header.length >= 3 && header[0] == (byte) 0xef && header[1] == (byte) 0xbb) {
      throw fault(Fault.INVALID_JSON, "{", "a byte order mark");
    }
    if (next() != JsonToken.START_OBJECT) {
      throw fault(Fault.INVALID_JSON, "{", found());
    }
    Map<String, Entry> entries = new LinkedHashMap<>();
    @Nullable Map<String, String> metadata = null;
    while (next() == JsonToken.PROPERTY_NAME) {
      String name = json.currentName();
      if (!name.equals(METADATA)) {
        tensor = name;
        entries.put(name, entry(name));
        tensor = null;
      } else if (metadata != null) {
        throw fault(Fault.DUPLICATE_METADATA, "one", "a second one");
      } else {
        metadata = metadata();
      }
    }
    if (next() != null) {
      throw fault(Fault.INVALID_JSON, "the end of the header", found());
    }
    return new Parsed(entries, metadata == null ? Map.of() : metadata);
  }

  private Map<String, String> metadata() {
    JsonToken first = next();
    if (first == JsonToken.VALUE_NULL) {
      return Map.of();
    }
    if (first != JsonToken.START_OBJECT) {
      throw fault(Fault.INVALID_METADATA, "an object of strings or null", found());
    }
    Map<String, String> out = new HashMap<>();
    while (next() == JsonToken.PROPERTY_NAME) {
      String key = json.currentName();
      if (next() != JsonToken.VALUE_STRING) {
        throw fault(Fault.INVALID_METADATA, "a string for \"" + key + "\"", found());
      }
      out.put(key, json.getString());
    }
    return out;
  }

  private Entry entry(String name) {
    if (next() != JsonToken.START_OBJECT) {
      throw fault(Fault.INVALID_ENTRY, "an object", found());
    }
    @Nullable DType dtype = null;
    @Nullable List<Long> shape = null;
    @Nullable List<Long> offsets = null;
    while (next() == JsonToken.PROPERTY_NAME) {
      switch (json.currentName()) {
        case "dtype" -> {
          once("dtype", dtype);
          dtype = dtype();
        }
        case "shape" -> {
          once("shape", shape);
          shape = numbers("shape");
        }
        case "data_offsets" -> {
          once("data_offsets", offsets);
          offsets = numbers("data_offsets");
        }
        default -> skip();
      }
    }
    if (dtype == null || shape == null || offsets == null) {
      throw fault(
          Fault.INVALID_ENTRY,
          "dtype, shape and data_offsets",
          "no " + (dtype == null ? "dtype" : shape == null ? "shape" : "data_offsets"));
    }
    if (offsets.size() != 2) {
      throw fault(Fault.INVALID_ENTRY, "two data_offsets", Integer.toString(offsets.size()));
    }
    return new Entry(new TensorInfo(name, dtype, shape), offsets.get(0), offsets.get(1));
  }

  private void once(String field, @Nullable Object before) {
    if (before != null) {
      throw fault(Fault.INVALID_ENTRY, "one " + field, "a second one");
    }
  }

  private DType dtype() {
    if (next() != JsonToken.VALUE_STRING) {
      throw fault(Fault.INVALID_ENTRY, "a dtype name", found());
    }
    String name = json.getString();
    return DType.of(name)
        .orElseThrow(() -> fault(Fault.UNKNOWN_DTYPE, "one of " + DType.SAFETENSORS, quoted(name)));
  }

  private List<Long> numbers(String field) {
    if (next() != JsonToken.START_ARRAY) {
      throw fault(Fault.INVALID_ENTRY, "an array for " + field, found());
    }
    List<Long> out = new ArrayList<>();
    while (next() != JsonToken.END_ARRAY) {
      out.add(number(field));
    }
    return out;
  }

  private long number(String field) {
    String text = json.currentToken() == JsonToken.VALUE_NUMBER_INT ? json.getString() : "-";
    if (text.startsWith("-")) {
      throw fault(Fault.INVALID_ENTRY, "whole numbers from 0 in " + field, found());
    }
    // Digits only, without a leading zero: 19 digits may exceed a long, 18 never do.
    boolean fits =
        text.length() < 19 || text.length() == 19 && text.compareTo("9223372036854775807") <= 0;
    if (!fits) {
      throw fault(Fault.SIZE_OVERFLOW, "numbers below 2^63 in " + field, text);
    }
    return Long.parseLong(text);
  }

  /// Passes over the value of an unknown field; it must still be sound JSON.
  private void skip() {
    int depth = 0;
    do {
      JsonToken token = next();
      if (token == null) {
        throw fault(Fault.INVALID_JSON, "a value", "the end of the header");
      }
      depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
    } while (depth > 0);
  }

  private @Nullable JsonToken next() {
    JsonToken token = json.nextToken();
    if (token == JsonToken.PROPERTY_NAME) {
      checkSurrogates(json.currentName());
    } else if (token == JsonToken.VALUE_STRING) {
      checkSurrogates(json.getString());
    } else if (token != null
        && token.isNumeric()
        && Double.isInfinite(Double.parseDouble(json.getString()))) {
      throw fault(Fault.INVALID_JSON, "a number within double", "one beyond");
    }
    return token;
  }

  private void checkSurrogates(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        throw fault(
            Fault.INVALID_JSON, "pairs of surrogates", String.format("a lone \\u%04x", (int) c));
      }
    }
  }

  private String found() {
    JsonToken token = json.currentToken();
    if (token == null) {
      return "the end of the header";
    }
    return token == JsonToken.VALUE_STRING ? quoted(json.getString()) : json.getString();
  }

  private static String quoted(String text) {
    return "\"" + text + "\"";
  }

  private SafetensorsException fault(Fault fault, String expected, String actual) {
    long at = json.currentTokenLocation().getCharOffset();
    return new SafetensorsException(fault, file, tensor, offset(at), expected, actual);
  }

  /// Byte of the file at which a character of the header stands; exact for ASCII, else a little
  /// early.
  private long offset(long character) {
    return 8 + Math.clamp(character, 0, header.length);
  }
}
