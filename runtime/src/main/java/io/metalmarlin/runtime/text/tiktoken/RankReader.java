package io.metalmarlin.runtime.text.tiktoken;

import io.metalmarlin.runtime.text.spec.TokenizerErrors;
import io.metalmarlin.runtime.text.unicode.ByteAlphabet;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

/// Reads the lines of a rank file into tokens spelled in byte letters.
final class RankReader {
  /// The largest public one (o200k) has 4 MB.
  private static final long MAX_BYTES = 64L << 20;

  /// The longest token of o200k has 128 bytes.
  private static final int MAX_TOKEN = 1024;

  private RankReader() {}

  /// Token -> rank.
  static Map<String, Integer> read(Path file, TokenizerErrors errors) {
    Map<String, Integer> ranks = new HashMap<>();
    try {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw errors.malformed("%,d bytes, more than %,d".formatted(size, MAX_BYTES));
      }
      try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
        int number = 1;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          line(line, number++, ranks, errors);
        }
      }
    } catch (IOException e) {
      throw errors.unreadable(e);
    }
    return ranks;
  }

  private static void line(
      String line, int number, Map<String, Integer> ranks, TokenizerErrors errors) {
    if (line.isEmpty()) {
      return;
    }
    int space = line.indexOf(' ');
    String rank = line.substring(space + 1);
    if (space < 1 || !rank.matches("\\d{1,9}") || space > MAX_TOKEN * 2) {
      throw errors.malformed("line %d is not a token in Base64 and its rank".formatted(number));
    }
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(line.substring(0, space));
    } catch (IllegalArgumentException e) {
      throw errors.malformed("line %d: %s".formatted(number, e.getMessage()), e);
    }
    String token = ByteAlphabet.spelled(bytes);
    if (token.isEmpty() || ranks.putIfAbsent(token, Integer.parseInt(rank)) != null) {
      throw errors.malformed("line %d: a token that is empty or given twice".formatted(number));
    }
  }
}
