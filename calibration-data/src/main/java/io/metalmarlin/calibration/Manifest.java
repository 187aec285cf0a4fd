package io.metalmarlin.calibration;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/// `manifest.json`: every embedded file with its size, sha256, source and licence. Written by
/// `calibration-data/WriteManifest.java`.
///
/// @param files in name order
record Manifest(List<Entry> files) {
  private static final String NAME = "manifest.json";

  /// One embedded file.
  ///
  /// @param file path below the manifest's folder, with slashes
  /// @param bytes its size
  /// @param sha256 lower-case hexadecimal
  /// @param source where it comes from
  /// @param licence under what terms it is shipped
  record Entry(String file, long bytes, String sha256, String source, String licence) {
    /// The file's content, checked.
    ///
    /// A wrong size or sum is a damaged installation, which no flag can mend: an
    /// [IllegalStateException].
    byte[] read() {
      byte[] content = resource(file);
      String actual = Sha256.of(content);
      if (content.length != bytes || !actual.equals(sha256)) {
        throw new IllegalStateException(
            "embedded %s: expected %d bytes with sha256 %s, found %d with %s"
                .formatted(file, bytes, sha256, content.length, actual));
      }
      return content;
    }
  }

  /// The manifest of this jar.
  static Manifest load() {
    return new JsonMapper().readValue(resource(NAME), Manifest.class);
  }

  /// The files below a folder of the jar (`demo/`).
  List<Entry> below(String folder) {
    return files.stream().filter(e -> e.file().startsWith(folder)).toList();
  }

  Entry entry(String file) {
    return files.stream().filter(e -> e.file().equals(file)).findFirst().orElseThrow();
  }

  private static byte[] resource(String file) {
    try (InputStream in = Manifest.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException("embedded file " + file + " is missing");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("embedded file " + file, e);
    }
  }
}
