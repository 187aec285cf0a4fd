package io.metalmarlin.formats.importance;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.FileDigest;
import io.metalmarlin.formats.container.InputFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// An importance file of llama.cpp, read and checked whole.
///
/// @param sha256 of the file, lower-case hexadecimal
/// @param entries by tensor name, in the file's order
/// @param datasets the texts it was computed on, as its writer called them; may be empty
/// @param chunks windows of text it was computed on; 0 where the file does not say
public record ImportanceFile(
    Path path,
    String sha256,
    SequencedMap<String, Importance> entries,
    List<String> datasets,
    long chunks) {
  private static final byte[] GGUF = {'G', 'G', 'U', 'F'};

  public ImportanceFile {
    entries = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(entries));
    datasets = List.copyOf(datasets);
  }

  /// Reads a file of either kind: GGUF where it begins with that magic, else the older `.dat`.
  ///
  /// @throws MarlinException `FILE_MISSING`, `FILE_UNREADABLE`, `FILE_TRUNCATED`,
  ///   `HEADER_MALFORMED`, `REFUSED_FORMAT`, `TENSOR_MISSING`, `TENSOR_MISMATCH` or `NON_FINITE`,
  ///   naming the entry
  public static ImportanceFile read(Path path) {
    if (!Files.exists(path)) {
      throw new MarlinException(
          ErrorCode.FILE_MISSING,
          path.toString(),
          "there is no such file",
          "Give the file that llama-imatrix wrote.");
    }
    try {
      if (!Files.isRegularFile(path)) {
        throw new IOException("not a regular file");
      }
      String sha256 = FileDigest.of(path).sha256();
      return magic(path) ? GgufImportance.read(path, sha256) : DatImportance.read(path, sha256);
    } catch (IOException e) {
      throw InputFailure.of(path, e);
    }
  }

  private static boolean magic(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      return Arrays.equals(in.readNBytes(GGUF.length), GGUF);
    }
  }
}
