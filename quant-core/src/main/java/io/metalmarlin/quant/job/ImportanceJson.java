package io.metalmarlin.quant.job;

import io.metalmarlin.formats.importance.ImportanceFile;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// What reports and manifests say about an importance file. No path of the machine, and the names
/// of its texts as the file has them.
public final class ImportanceJson {
  private ImportanceJson() {}

  /// Name, digest and extent.
  public static ObjectNode of(ImportanceFile file) {
    ObjectNode n = JsonMapper.shared().createObjectNode();
    n.put("file", String.valueOf(file.path().getFileName()));
    n.put("sha256", file.sha256());
    n.put("entries", file.entries().size());
    n.put("chunks", file.chunks());
    file.datasets().forEach(n.putArray("datasets")::add);
    return n;
  }
}
