package io.metalmarlin.runtime.text;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads calibration and evaluation texts.
///
/// `.jsonl` holds one document a line (a JSON object with a string field `text`, other fields
/// ignored, blank lines skipped); any other file is one document, byte for byte: line ends and a
/// byte order mark stay, because perplexities are of exact bytes.
public final class TextFiles {
  /// A Java string cannot hold more characters, and a text has at most one character a byte.
  private static final long MAX_BYTES = Integer.MAX_VALUE - 16L;

  private static final int MAX_DEPTH = 64;

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxStringLength(Integer.MAX_VALUE)
                          .build())
                  .build())
          .build();

  private TextFiles() {}

  /// The documents of a text file in file order.
  ///
  /// @throws MarlinException `FILE_MISSING`, or `FILE_UNREADABLE` when the file cannot be read, is
  ///   not UTF-8 (message with the byte offset) or has a line without text (message with its
  ///   number)
  public static List<String> read(Path file) {
    byte[] bytes = bytes(file);
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".jsonl")
        ? jsonLines(file.toString(), bytes)
        : List.of(utf8(file.toString(), bytes));
  }

  /// The `text` fields of JSON Lines, in order.
  ///
  /// @param where what the bytes are called in messages
  /// @throws MarlinException `FILE_UNREADABLE` as in [#read]
  public static List<String> jsonLines(String where, byte[] bytes) {
    List<String> documents = new ArrayList<>();
    int number = 0;
    for (String line : (Iterable<String>) utf8(where, bytes).lines()::iterator) {
      number++;
      if (!line.isBlank()) {
        documents.add(text(where, number, line));
      }
    }
    return List.copyOf(documents);
  }

  private static String text(String where, int number, String line) {
    JsonNode document;
    try {
      document = JSON.readTree(line);
    } catch (JacksonException e) {
      throw unreadable(
          where,
          "line %d is no JSON: %s".formatted(number, e.getOriginalMessage()),
          "Write one JSON object a line, or rename the file to .txt to read it as one text.",
          e);
    }
    JsonNode text = document.path("text");
    if (text.isString()) {
      return text.stringValue();
    }
    String found =
        document.isObject()
            ? "the fields " + document.propertyNames()
            : "a JSON " + document.getNodeType().name().toLowerCase(Locale.ROOT);
    throw unreadable(
        where,
        "line %d has no string field \"text\" but %s".formatted(number, found),
        "Give each line a field \"text\" that holds the document.",
        null);
  }

  private static byte[] bytes(Path file) {
    if (!Files.exists(file)) {
      throw new MarlinException(
          ErrorCode.FILE_MISSING,
          file.toString(),
          "there is no such text file",
          "Check the path; embedded texts are written embedded:NAME.");
    }
    try {
      if (Files.isDirectory(file)) {
        throw unreadable(
            file.toString(), "this is a folder, not a text file", "Name one file in it.", null);
      }
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw unreadable(
            file.toString(),
            "%,d bytes are more than the %,d a text may have".formatted(size, MAX_BYTES),
            "Split the text.",
            null);
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw unreadable(file.toString(), "cannot be read: " + e, "Check the file's permissions.", e);
    }
  }

  /// The text of UTF-8 bytes. Strict: a replaced character would change tokens without a word.
  ///
  /// @param where what the bytes are called in messages
  /// @throws MarlinException `FILE_UNREADABLE` with the byte's offset
  public static String utf8(String where, byte[] bytes) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    CoderResult result = decoder.decode(in, out, true);
    if (result.isError()) {
      throw unreadable(
          where,
          "not UTF-8: byte 0x%02x at offset %,d of %,d"
              .formatted(bytes[in.position()] & 0xff, in.position(), bytes.length),
          "Convert the text to UTF-8 first.",
          null);
    }
    return out.flip().toString();
  }

  private static MarlinException unreadable(
      String where, String message, String hint, @Nullable Throwable cause) {
    return new MarlinException(ErrorCode.FILE_UNREADABLE, where, message, hint, cause);
  }
}
