package io.metalmarlin.quant.job;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.OutputFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// The folder in which an output grows: small files written whole, and those carried over from the
/// source.
///
/// @param path existing
public record OutputFolder(Path path) {
  /// What was done and how well it went.
  public static final String REPORT = "report.json";

  /// Which bytes went in and which came out.
  public static final String MANIFEST = "marlin-manifest.json";

  /// What a loader or a reader of the output needs from the source: tokenizer, generation settings,
  /// chat template, processors, licence. Measurements and indexes of the source do not belong to
  /// the output.
  private static final Pattern CARRIED =
      Pattern.compile(
          "(tokenizer|chat_template|special_tokens|added_tokens|generation_config|preprocessor|processor"
              + "|video_preprocessor|vocab|merges|license|licence|notice|use_policy).*|.*\\.(model|tiktoken)");

  /// Copies tokenizer, generation settings, chat template and licence, unchanged.
  ///
  /// @param source a model folder; of a single file nothing is carried over
  /// @throws MarlinException `FILE_UNREADABLE`, `DISK_FULL` or `OUTPUT_UNWRITABLE`
  public void copySidecars(Path source) {
    for (Path p : sidecars(source)) {
      // Contents only: a read-only source must not make the output read-only.
      write(p.getFileName().toString(), contents(p));
    }
  }

  private static List<Path> sidecars(Path source) {
    List<Path> found = new ArrayList<>();
    if (!Files.isDirectory(source)) {
      return found;
    }
    try (DirectoryStream<Path> all = Files.newDirectoryStream(source, Files::isRegularFile)) {
      all.forEach(p -> {
        if (CARRIED.matcher(p.getFileName().toString().toLowerCase(Locale.ROOT)).matches()) {
          found.add(p);
        }
      });
    } catch (IOException e) {
      throw unreadable(source, e);
    }
    found.sort(Comparator.naturalOrder());
    return found;
  }

  private static byte[] contents(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /// Writes a file in UTF-8.
  ///
  /// @throws MarlinException `DISK_FULL` or `OUTPUT_UNWRITABLE`
  public void write(String name, String text) {
    write(name, text.getBytes(StandardCharsets.UTF_8));
  }

  private void write(String name, byte[] content) {
    try {
      Files.write(path.resolve(name), content);
    } catch (IOException e) {
      throw OutputFailure.of(path.resolve(name), e);
    }
  }

  private static MarlinException unreadable(Path where, IOException e) {
    return new MarlinException(
        ErrorCode.FILE_UNREADABLE,
        where.toString(),
        "cannot be read: " + e.getMessage(),
        "Check the file and its permissions.",
        e);
  }
}
