package io.metalmarlin.quant.job;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.quant.plan.SourceCheck;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;

/// The lists of files in a manifest.
public final class ManifestFiles {
  private ManifestFiles() {}

  /// Adds name, size and sha256 of each file.
  public static void list(ArrayNode array, List<SourceCheck.SourceFile> files) {
    for (SourceCheck.SourceFile f : files) {
      array.addObject().put("file", f.name()).put("bytes", f.bytes()).put("sha256", f.sha256());
    }
  }

  /// Every output file but the manifest itself and the report, which holds times.
  ///
  /// @throws MarlinException `OUTPUT_UNWRITABLE`, `FILE_UNREADABLE`
  public static List<SourceCheck.SourceFile> outputs(Path folder) {
    return outputs(folder, List.of());
  }

  /// As above, where some files have been read already.
  public static List<SourceCheck.SourceFile> outputs(
      Path folder, List<SourceCheck.SourceFile> known) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
      all.forEach(found::add);
    } catch (IOException e) {
      throw new MarlinException(
          ErrorCode.OUTPUT_UNWRITABLE,
          folder.toString(),
          "cannot be listed: " + e.getMessage(),
          "Check the folder's permissions.",
          e);
    }
    found.removeIf(p -> p.endsWith(OutputFolder.MANIFEST) || p.endsWith(OutputFolder.REPORT));
    found.sort(Comparator.naturalOrder());
    Map<String, SourceCheck.SourceFile> named = new HashMap<>();
    known.forEach(f -> named.put(f.name(), f));
    return found.stream()
        .map(p -> {
          SourceCheck.SourceFile there = named.get(p.getFileName().toString());
          return there != null ? there : SourceCheck.SourceFile.read(p);
        })
        .toList();
  }
}
