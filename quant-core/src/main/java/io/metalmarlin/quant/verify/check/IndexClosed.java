package io.metalmarlin.quant.verify.check;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.StoredFiles;
import io.metalmarlin.quant.verify.Subject;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// The names in the index are exactly those of the shards, each sent to the file that holds it, the
/// files are plain names, and `total_size` is the sum of all tensors.
public final class IndexClosed implements Check {
  private static final String REMEDY =
      "Write the index anew from the shards, or fetch index and shards from one revision.";

  @Override
  public String code() {
    return "index";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    if (subject.files().isEmpty()) {
      return;
    }
    StoredFiles files = subject.files().get();
    if (files.index().isEmpty()) {
      if (files.opened().size() > 1) {
        findings.error(
            StoredFiles.INDEX,
            "is missing, there are " + files.opened().size() + " shards",
            REMEDY);
      }
      return;
    }
    JsonNode map = files.index().get().path("weight_map");
    if (!map.isObject() || map.isEmpty()) {
      findings.error(StoredFiles.INDEX, "has no weight_map object with tensors in it", REMEDY);
      return;
    }
    map.properties()
        .forEach(e -> {
          if (!e.getValue().isString() || !StoredFiles.isPlain(e.getValue().stringValue())) {
            findings.error(
                e.getKey(),
                "the index sends it to " + e.getValue() + ", which is no plain file name",
                REMEDY);
          }
        });
    listed(files, findings);
    stored(files, findings);
    totalSize(files, findings);
  }

  private static void listed(StoredFiles files, Findings findings) {
    for (Map.Entry<String, String> e : files.weightMap().entrySet()) {
      Checkpoint holder = files.opened().get(e.getValue());
      if (holder != null && !holder.tensors().containsKey(e.getKey())) {
        findings.error(
            e.getKey(),
            "the index sends it to " + e.getValue() + ", which does not hold it",
            REMEDY);
      }
    }
  }

  private static void stored(StoredFiles files, Findings findings) {
    files
        .opened()
        .forEach((name, shard) -> {
          for (String tensor : shard.tensors().keySet()) {
            if (!files.weightMap().containsKey(tensor)) {
              findings.error(tensor, "is in " + name + ", but not in the index", REMEDY);
            }
          }
        });
  }

  private static void totalSize(StoredFiles files, Findings findings) {
    JsonNode said = files.index().orElseThrow().path("metadata").path("total_size");
    if (!files.complete() || !said.isIntegralNumber()) {
      return;
    }
    Set<String> counted = new HashSet<>();
    long bytes =
        files.opened().values().stream()
            .flatMap(s -> s.tensors().values().stream())
            .filter(t -> counted.add(t.name()))
            .mapToLong(TensorInfo::byteSize)
            .sum();
    if (said.asLong(-1) != bytes) {
      findings.warning(
          StoredFiles.INDEX,
          "total_size is %s, the tensors have %d bytes".formatted(said, bytes),
          REMEDY);
    }
  }
}
