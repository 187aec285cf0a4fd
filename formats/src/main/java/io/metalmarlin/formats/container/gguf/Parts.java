package io.metalmarlin.formats.container.gguf;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.MappedFile;
import io.metalmarlin.formats.container.gguf.Header.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Finds the files of one model: a single one, or all parts of a split one whichever part is named.
final class Parts {
  static final String NUMBER = "split.no";
  static final String COUNT = "split.count";
  static final String TENSORS = "split.tensors.count";
  static final String SUFFIX = ".gguf";

  private Parts() {}

  /// The first file of the one model in a folder.
  ///
  /// @throws MarlinException `REFUSED_FORMAT` naming the models when there are several
  static Path only(Path folder) {
    TreeMap<String, Path> models = new TreeMap<>();
    for (Path file : list(folder)) {
      String model =
          SplitName.of(file).map(n -> n.part(1).fileName()).orElse(file.getFileName().toString());
      models.putIfAbsent(model, file);
    }
    if (models.size() != 1) {
      throw new MarlinException(
          ErrorCode.REFUSED_FORMAT,
          folder.toString(),
          "holds " + models.size() + " GGUF models: " + String.join(", ", models.keySet()),
          "Name the file that is meant.");
    }
    return models.firstEntry().getValue();
  }

  /// The GGUF files of a folder in name order.
  static List<Path> list(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(f -> f.getFileName().toString().endsWith(SUFFIX) && Files.isRegularFile(f))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new MarlinException(
          ErrorCode.FILE_UNREADABLE,
          folder.toString(),
          "cannot be listed: " + e.getMessage(),
          "Check the folder's permissions.",
          e);
    }
  }

  /// Opens the file and, if it is one part of several, all the others; in order.
  static List<MappedFile<Header>> open(Path path) {
    MappedFile<Header> named = MappedFile.open(path, HeaderReader.KIND);
    long count = number(named, COUNT).orElse(1);
    SplitName name = SplitName.of(path).orElse(new SplitName("", 1, 1));
    if (count <= 1 && name.count() <= 1) {
      return List.of(named);
    }
    if (count != name.count()) {
      throw bad(
          named,
          COUNT,
          "the number of parts that the name " + path.getFileName() + " says, " + name.count(),
          Long.toString(count));
    }
    List<MappedFile<Header>> parts = new ArrayList<>();
    for (int i = 1; i <= name.count(); i++) {
      Path file = path.resolveSibling(name.part(i).fileName());
      if (!Files.exists(file)) {
        throw new MarlinException(
            ErrorCode.FILE_MISSING,
            file.toString(),
            "is missing, part " + i + " of " + name.count(),
            "Fetch it; the model is incomplete.");
      }
      parts.add(i == name.number() ? named : MappedFile.open(file, HeaderReader.KIND));
    }
    check(parts);
    return parts;
  }

  private static void check(List<MappedFile<Header>> parts) {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < parts.size(); i++) {
      MappedFile<Header> part = parts.get(i);
      require(part, NUMBER, i);
      require(part, COUNT, parts.size());
      for (Entry e : part.header().entries()) {
        if (!names.add(e.info().name())) {
          throw new GgufException(
              Fault.DUPLICATE_NAME,
              part.path(),
              e.info().name(),
              part.header().dataStart() + e.begin(),
              "a new name",
              "the same as in a part before");
        }
      }
    }
    for (MappedFile<Header> part : parts) {
      if (number(part, TENSORS).isPresent()) {
        require(part, TENSORS, names.size());
      }
    }
  }

  private static void require(MappedFile<Header> part, String key, long expected) {
    long actual = number(part, key).orElse(-1);
    if (actual != expected) {
      throw bad(part, key, Long.toString(expected), actual < 0 ? "none" : Long.toString(actual));
    }
  }

  private static OptionalLong number(MappedFile<Header> part, String key) {
    return part.header().metadata().whole(key);
  }

  private static GgufException bad(
      MappedFile<Header> part, String key, String expected, String actual) {
    return new GgufException(Fault.BAD_SPLIT, part.path(), key, 0, expected, actual);
  }
}
