package io.metalmarlin.tests.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Copies, lists and hashes folders.
public final class Folders {
  private Folders() {}

  /// Copies a folder of plain files into a new one, whose files may then be changed.
  public static Path copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path f : files.filter(Files::isRegularFile).toList()) {
        // Bytes, not Files.copy: shared data is read-only and the copy must not be.
        Files.write(to.resolve(f.getFileName()), Files.readAllBytes(f));
      }
    }
    return to;
  }

  /// Names in a folder, sorted.
  public static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  /// sha256 of every model file (`*.safetensors` and what tells a loader how to read it).
  public static SortedMap<String, String> modelHashes(Path folder) throws IOException {
    SortedMap<String, String> hashes = new TreeMap<>();
    for (String name : names(folder)) {
      if (name.endsWith(".safetensors") || name.endsWith("index.json") || name.contains("config")) {
        hashes.put(name, sha256(folder.resolve(name)));
      }
    }
    return hashes;
  }

  public static String sha256(Path file) throws IOException {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
