package io.metalmarlin.runtime.source;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.json.JsonFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// Code of its own that a checkpoint asks its loader to run (`auto_map`). It is named, never run.
public final class RemoteCode {
  private static final List<String> FILES = List.of("config.json", "tokenizer_config.json");

  private static final long MAX_BYTES = 64L << 20;

  private RemoteCode() {}

  /// Each entry as `FILE: CLASS -> MODULE.CLASS`; empty for a file instead of a folder.
  public static List<String> named(Path folder) {
    List<String> out = new ArrayList<>();
    for (String name : FILES) {
      Path file = folder.resolve(name);
      if (Files.isRegularFile(file)) {
        for (Map.Entry<String, JsonNode> e : map(file).properties()) {
          JsonNode value = e.getValue();
          String text = value.isString() ? value.stringValue() : value.toString();
          out.add((name + ": " + e.getKey() + " -> " + text).replaceAll("[^\\x20-\\x7e]", "?"));
        }
      }
    }
    return out;
  }

  private static JsonNode map(Path file) {
    try {
      return JsonFiles.readObject(file, MAX_BYTES).path("auto_map");
    } catch (MarlinException e) {
      // A broken file is its reader's to describe.
      return JsonNodeFactory.instance.objectNode();
    }
  }
}
