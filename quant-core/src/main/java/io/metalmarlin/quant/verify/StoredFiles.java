package io.metalmarlin.quant.verify;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.container.safetensors.Safetensors;
import io.metalmarlin.formats.json.JsonFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The safetensors files of a model folder, each opened by itself, so that one bad file does not
/// hide what is wrong with the others.
///
/// @param names of all files in the folder, sorted
/// @param index the content of `model.safetensors.index.json`, if it is there and can be read
/// @param weightMap tensor to file as the index says it, plain file names only
/// @param opened file name to its tensors
/// @param broken what could not be read: file to reason
public record StoredFiles(
    Path folder,
    List<String> names,
    Optional<ObjectNode> index,
    Map<String, String> weightMap,
    SequencedMap<String, Checkpoint> opened,
    SequencedMap<String, MarlinException> broken) {
  public static final String INDEX = "model.safetensors.index.json";
  public static final String SINGLE = "model.safetensors";

  private static final String SUFFIX = ".safetensors";
  private static final long MAX_INDEX_BYTES = 256L << 20;

  /// Opens what is there.
  ///
  /// @throws MarlinException `FILE_UNREADABLE` if the folder cannot be listed
  public static StoredFiles of(Path folder) {
    List<String> names = list(folder);
    SequencedMap<String, MarlinException> broken = new LinkedHashMap<>();
    ObjectNode index = null;
    if (names.contains(INDEX)) {
      try {
        index = JsonFiles.readObject(folder.resolve(INDEX), MAX_INDEX_BYTES);
      } catch (MarlinException e) {
        broken.put(INDEX, e);
      }
    }
    Map<String, String> map = weightMap(index);
    SequencedMap<String, Checkpoint> opened = new LinkedHashMap<>();
    for (String name : wanted(names, map)) {
      try {
        opened.put(name, Safetensors.INSTANCE.open(folder.resolve(name)));
      } catch (MarlinException e) {
        broken.put(name, e);
      }
    }
    return new StoredFiles(folder, names, Optional.ofNullable(index), map, opened, broken);
  }

  /// A single file that is checked without a folder around it.
  public static StoredFiles single(Path file) {
    String name = file.getFileName().toString();
    SequencedMap<String, Checkpoint> opened = new LinkedHashMap<>();
    SequencedMap<String, MarlinException> broken = new LinkedHashMap<>();
    try {
      // Says what kinds there are, where it is none of them.
      Containers.of(file);
      opened.put(name, Safetensors.INSTANCE.open(file));
    } catch (MarlinException e) {
      broken.put(name, e);
    }
    Path folder = file.toAbsolutePath().getParent();
    return new StoredFiles(folder, List.of(name), Optional.empty(), Map.of(), opened, broken);
  }

  /// Whether every file could be read, so that a tensor that is not there is missing indeed.
  public boolean complete() {
    return broken.isEmpty();
  }

  /// Whether a file name of the index has no path in it.
  public static boolean isPlain(String name) {
    return !name.isEmpty()
        && !name.startsWith(".")
        && name.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':' || c < 0x20);
  }

  private static Map<String, String> weightMap(@Nullable ObjectNode index) {
    Map<String, String> map = new TreeMap<>();
    JsonNode stored = index == null ? null : index.get("weight_map");
    if (stored != null && stored.isObject()) {
      stored
          .properties()
          .forEach(e -> {
            String file = e.getValue().asString("");
            if (isPlain(file)) {
              map.put(e.getKey(), file);
            }
          });
    }
    return map;
  }

  /// What a loader opens: the files of the index, else the single file, else whatever has the name
  /// of a shard.
  private static TreeSet<String> wanted(List<String> names, Map<String, String> map) {
    if (!map.isEmpty()) {
      return new TreeSet<>(map.values());
    }
    if (names.contains(SINGLE)) {
      return new TreeSet<>(List.of(SINGLE));
    }
    TreeSet<String> shards = new TreeSet<>();
    names.stream().filter(n -> n.startsWith("model") && n.endsWith(SUFFIX)).forEach(shards::add);
    return shards;
  }

  private static List<String> list(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new MarlinException(
          ErrorCode.FILE_UNREADABLE,
          folder.toString(),
          "cannot be listed: " + e.getMessage(),
          "Check the folder's permissions.",
          e);
    }
  }
}
