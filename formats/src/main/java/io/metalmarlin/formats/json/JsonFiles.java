package io.metalmarlin.formats.json;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Reads a JSON object from a file nobody vouches for: strict UTF-8 and JSON, no duplicate keys, no
/// nesting deeper than 100, no file above a stated size.
public final class JsonFiles {
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(100)
                          .maxNumberLength(400)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
                  .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private JsonFiles() {}

  /// The object in `file`.
  ///
  /// @param maxBytes the largest file to read; JSON trees take many times their text
  /// @throws MarlinException `FILE_MISSING`, `FILE_UNREADABLE`, or `CONFIG_MALFORMED` when it is no
  ///   sound JSON object or too large
  public static ObjectNode readObject(Path file, long maxBytes) {
    JsonNode root = read(file, maxBytes);
    if (root instanceof ObjectNode object) {
      return object;
    }
    throw malformed(file, "should hold a JSON object, it holds " + root.getNodeType(), null);
  }

  /// Whatever JSON is in `file`.
  ///
  /// @throws MarlinException as in [#readObject]
  public static JsonNode read(Path file, long maxBytes) {
    return parse(file, text(file, maxBytes));
  }

  private static JsonNode parse(Path file, String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JacksonException e) {
      String where =
          e.getLocation() == null
              ? ""
              : " at line "
                  + e.getLocation().getLineNr()
                  + " column "
                  + e.getLocation().getColumnNr();
      throw malformed(file, "is not valid JSON" + where + ": " + reason(e), e);
    }
  }

  /// What the parser says, without its own description of the place.
  private static String reason(JacksonException e) {
    return e.getOriginalMessage().replaceAll(" \\(start marker at \\[Source: .*", "");
  }

  private static String text(Path file, long maxBytes) {
    try {
      if (!Files.exists(file)) {
        throw new NoSuchFileException(file.toString());
      }
      if (!Files.isRegularFile(file)) {
        throw new IOException("not a regular file");
      }
      long size = Files.size(file);
      if (size > maxBytes) {
        throw malformed(
            file, "has " + size + " bytes, more than the " + maxBytes + " allowed", null);
      }
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
          .toString();
    } catch (NoSuchFileException e) {
      throw new MarlinException(
          ErrorCode.FILE_MISSING,
          file.toString(),
          "is missing",
          "Check the path; a model folder needs it. Download it again if the copy is incomplete.",
          e);
    } catch (CharacterCodingException e) {
      throw malformed(file, "is not UTF-8", e);
    } catch (IOException e) {
      throw new MarlinException(
          ErrorCode.FILE_UNREADABLE,
          file.toString(),
          "cannot be read: " + e.getMessage(),
          "Check the file and its permissions.",
          e);
    }
  }

  private static MarlinException malformed(Path file, String what, @Nullable Throwable cause) {
    return new MarlinException(
        ErrorCode.CONFIG_MALFORMED,
        file.toString(),
        what,
        "Download it again, or correct it by hand.",
        cause);
  }
}
