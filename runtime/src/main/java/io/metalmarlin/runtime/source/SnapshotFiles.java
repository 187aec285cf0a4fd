package io.metalmarlin.runtime.source;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What a model folder must hold before it is worth opening.
final class SnapshotFiles {
  private static final String CONFIG = "config.json";
  private static final String WEIGHTS = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final JsonMapper JSON = new JsonMapper();

  private SnapshotFiles() {}

  /// The names of missing files in alphabetical order: the configuration, the weights, shards that
  /// the index names. A link whose target is gone (an interrupted download) counts as missing.
  static List<String> missing(Path folder) {
    TreeSet<String> missing = new TreeSet<>();
    if (!Files.exists(folder.resolve(CONFIG))) {
      missing.add(CONFIG);
    }
    if (Files.exists(folder.resolve(INDEX))) {
      addMissingShards(folder, missing);
    } else if (!Files.exists(folder.resolve(WEIGHTS))) {
      missing.add(WEIGHTS);
    }
    return List.copyOf(missing);
  }

  private static void addMissingShards(Path folder, TreeSet<String> missing) {
    JsonNode index;
    try {
      index = JSON.readTree(folder.resolve(INDEX));
    } catch (JacksonException e) {
      // A broken index is the container reader's to describe, with line and column.
      return;
    }
    for (JsonNode shard : index.path("weight_map")) {
      // Names with folder parts are refused by the container reader; here they are only not
      // followed.
      String name = shard.asString("");
      if (name.matches("[^/\\\\\u0000]+") && !Files.exists(folder.resolve(name))) {
        missing.add(name);
      }
    }
  }
}
