package io.metalmarlin.runtime.text.json;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.text.spec.Spec;
import io.metalmarlin.runtime.text.spec.TokenizerErrors;
import io.metalmarlin.runtime.text.vocabulary.AddedToken;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Reads `tokenizer.json` as a stream: vocabulary and merges (150,000 entries each in the Qwen
/// family) never become a JSON tree. Depth, string lengths and the file's size are bounded; a key
/// given twice is an error.
final class TokenizerFileReader {
  /// Ten times the largest public tokenizer (Gemma 3: 33 MB).
  private static final long MAX_FILE_BYTES = 400_000_000;

  private static final int MAX_DEPTH = 64;
  private static final int MAX_STRING = 1 << 20;

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxStringLength(MAX_STRING)
                          .maxNameLength(MAX_STRING)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .build();

  private final TokenizerErrors errors;
  private final Map<String, JsonNode> parts = new HashMap<>();
  private final ObjectNode model = JSON.createObjectNode();
  private final Map<String, Integer> vocabulary = new HashMap<>();
  private final List<Double> scores = new ArrayList<>();
  private final List<String> merges = new ArrayList<>();

  private boolean hasMerges;

  private TokenizerFileReader(TokenizerErrors errors) {
    this.errors = errors;
  }

  /// Reads an existing file.
  ///
  /// @throws MarlinException `TOKENIZER_MALFORMED` or `FILE_UNREADABLE`
  static TokenizerFile read(Path file) {
    TokenizerErrors errors = new TokenizerErrors(file);
    try {
      long size = Files.size(file);
      if (size > MAX_FILE_BYTES) {
        throw errors.malformed("%,d bytes, more than %,d".formatted(size, MAX_FILE_BYTES));
      }
      try (InputStream in = Files.newInputStream(file)) {
        return read(errors, in);
      }
    } catch (IOException e) {
      throw errors.unreadable(e);
    }
  }

  /// Reads the content of a `tokenizer.json` that is in memory.
  ///
  /// @throws MarlinException `TOKENIZER_MALFORMED`
  static TokenizerFile read(TokenizerErrors errors, InputStream in) {
    try (JsonParser parser = JSON.createParser(in)) {
      return new TokenizerFileReader(errors).file(parser);
    } catch (JacksonException e) {
      throw errors.malformed(place(e) + e.getOriginalMessage(), e);
    }
  }

  /// Line and column; a broken size limit has none.
  private static String place(JacksonException e) {
    TokenStreamLocation at = e.getLocation();
    return at == null ? "" : "line %d, column %d: ".formatted(at.getLineNr(), at.getColumnNr());
  }

  private TokenizerFile file(JsonParser parser) {
    expect(parser.nextToken(), JsonToken.START_OBJECT, "the file");
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      if (name.equals("model")) {
        readModel(parser);
      } else {
        parts.put(name, parser.readValueAsTree());
      }
    }
    JsonToken rest = parser.nextToken();
    if (rest != null) {
      throw errors.malformed("more text after the closing brace: " + rest);
    }
    return new TokenizerFile(
        addedTokens(parts.getOrDefault("added_tokens", JSON.missingNode())),
        part("normalizer"),
        part("pre_tokenizer"),
        part("post_processor"),
        part("decoder"),
        vocabulary,
        scores,
        merges,
        new Spec("model", typed(), errors));
  }

  private Spec part(String name) {
    return new Spec(name, parts.getOrDefault(name, JSON.missingNode()), errors);
  }

  /// Old files leave the model's kind out.
  private ObjectNode typed() {
    if (!model.has("type")) {
      if (scores.isEmpty() && !hasMerges) {
        throw errors.malformed("model has no type");
      }
      model.put("type", hasMerges ? "BPE" : "Unigram");
    }
    return model;
  }

  private void readModel(JsonParser parser) {
    expect(parser.currentToken(), JsonToken.START_OBJECT, "model");
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (name.equals("vocab") && value == JsonToken.START_OBJECT) {
        readVocabulary(parser);
      } else if (name.equals("vocab") && value == JsonToken.START_ARRAY) {
        readPieces(parser);
      } else if (name.equals("merges")) {
        hasMerges = true;
        expect(value, JsonToken.START_ARRAY, "model.merges");
        readMerges(parser);
      } else {
        model.set(name, parser.readValueAsTree());
      }
    }
  }

  private void readVocabulary(JsonParser parser) {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String token = parser.currentName();
      expect(parser.nextToken(), JsonToken.VALUE_NUMBER_INT, "model.vocab[\"" + token + "\"]");
      vocabulary.put(token, parser.getIntValue());
    }
  }

  /// Unigram's `["piece", score]`; the index is the id, and of a piece given twice the last counts.
  private void readPieces(JsonParser parser) {
    for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
      String where = "model.vocab[" + scores.size() + "]";
      expect(t, JsonToken.START_ARRAY, where);
      expect(parser.nextToken(), JsonToken.VALUE_STRING, where + "[0]");
      vocabulary.put(parser.getString(), scores.size());
      JsonToken score = parser.nextToken();
      if (score != JsonToken.VALUE_NUMBER_INT) {
        expect(score, JsonToken.VALUE_NUMBER_FLOAT, where + "[1]");
      }
      scores.add(score(parser, where));
      expect(parser.nextToken(), JsonToken.END_ARRAY, "the end of " + where);
    }
  }

  private double score(JsonParser parser, String where) {
    double score = LibraryNumber.parse(parser.getString());
    if (Double.isInfinite(score)) {
      throw errors.malformed(where + "[1] is no double: " + parser.getString());
    }
    return score;
  }

  /// A rule is `"a b"` (old files) or `["a", "b"]`, which can also hold tokens with spaces.
  private void readMerges(JsonParser parser) {
    for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
      String where = "model.merges[" + merges.size() / 2 + "]";
      if (t == JsonToken.START_ARRAY) {
        for (int i = 0; i < 2; i++) {
          expect(parser.nextToken(), JsonToken.VALUE_STRING, where + "[" + i + "]");
          merges.add(parser.getString());
        }
        expect(parser.nextToken(), JsonToken.END_ARRAY, "the end of " + where);
      } else {
        expect(t, JsonToken.VALUE_STRING, where);
        addLegacyMerge(parser.getString(), where);
      }
    }
  }

  private void addLegacyMerge(String rule, String where) {
    if (rule.startsWith("#version")) {
      return;
    }
    int space = rule.indexOf(' ');
    if (space < 0 || rule.indexOf(' ', space + 1) >= 0) {
      throw errors.malformed(where + ": \"" + rule + "\" is not two tokens with a space between");
    }
    merges.add(rule.substring(0, space));
    merges.add(rule.substring(space + 1));
  }

  private List<AddedToken> addedTokens(JsonNode array) {
    List<AddedToken> tokens = new ArrayList<>();
    for (JsonNode t : array) {
      JsonNode content = t.path("content");
      JsonNode id = t.path("id");
      if (!content.isString() || !id.isIntegralNumber() || !id.canConvertToInt()) {
        throw errors.malformed(
            "added_tokens[" + tokens.size() + "] has no string \"content\" or no integer \"id\"");
      }
      tokens.add(AddedToken.of(id.intValue(), content.stringValue(), t, true));
    }
    return tokens;
  }

  private void expect(JsonToken found, JsonToken expected, String where) {
    if (found != expected) {
      throw errors.malformed("%s: expected %s, found %s".formatted(where, expected, found));
    }
  }
}
