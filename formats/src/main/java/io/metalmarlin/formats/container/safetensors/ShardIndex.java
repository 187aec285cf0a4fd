package io.metalmarlin.formats.container.safetensors;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Printable;
import io.metalmarlin.formats.json.JsonFiles;
import io.metalmarlin.formats.json.PythonJson;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// `model.safetensors.index.json`: which shard holds which tensor.
///
/// @param totalSize bytes of all tensors together
/// @param weightMap tensor name to plain file name
record ShardIndex(long totalSize, SortedMap<String, String> weightMap) {
  static final String FILE_NAME = "model.safetensors.index.json";

  private static final long MAX_BYTES = 256L << 20;

  /// Reads an index; its `metadata` is optional and not trusted.
  ///
  /// @throws MarlinException `CONFIG_MALFORMED` for a map that is missing, empty, holds something
  ///   other than strings, or names a file with path parts
  static ShardIndex read(Path file) {
    ObjectNode root = JsonFiles.readObject(file, MAX_BYTES);
    JsonNode map = root.get("weight_map");
    if (map == null || !map.isObject() || map.isEmpty()) {
      throw malformed(file, "has no \"weight_map\" object with tensors in it");
    }
    SortedMap<String, String> out = new TreeMap<>();
    for (Map.Entry<String, JsonNode> e : map.properties()) {
      String shard = e.getValue().isString() ? e.getValue().stringValue() : "";
      if (!isPlainName(shard)) {
        throw malformed(
            file,
            "\"weight_map\" sends tensor \"%s\" to %s, which is not a plain file name"
                .formatted(Printable.of(e.getKey()), e.getValue()));
      }
      out.put(e.getKey(), shard);
    }
    return new ShardIndex(root.path("metadata").path("total_size").asLong(0), out);
  }

  /// The file's bytes as transformers writes them: keys sorted, two blanks, final newline.
  byte[] bytes() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.putObject("metadata").put("total_size", totalSize);
    ObjectNode map = root.putObject("weight_map");
    weightMap.forEach(map::put);
    return (PythonJson.print(root, 2, true) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static boolean isPlainName(String name) {
    return !name.isEmpty()
        && name.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':' || c < 0x20)
        && !name.startsWith(".");
  }

  static MarlinException malformed(Path file, String what) {
    return new MarlinException(
        ErrorCode.CONFIG_MALFORMED,
        file.toString(),
        what,
        "Fetch index and shards again from one and the same revision.");
  }
}
