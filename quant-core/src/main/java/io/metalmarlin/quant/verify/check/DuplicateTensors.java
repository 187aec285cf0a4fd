package io.metalmarlin.quant.verify.check;

import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.StoredFiles;
import io.metalmarlin.quant.verify.Subject;
import java.util.HashMap;
import java.util.Map;

/// No tensor stands in two shards.
public final class DuplicateTensors implements Check {
  @Override
  public String code() {
    return "duplicate";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    Map<String, String> seen = new HashMap<>();
    subject
        .files()
        .map(StoredFiles::opened)
        .ifPresent(opened ->
            opened.forEach((name, shard) -> {
              for (String tensor : shard.tensors().keySet()) {
                String first = seen.putIfAbsent(tensor, name);
                if (first != null) {
                  findings.error(
                      tensor,
                      "is in " + first + " and in " + name,
                      "Keep one of the two; loaders differ in which they take.");
                }
              }
            }));
  }
}
