package io.metalmarlin.runtime.load;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Head;
import java.util.Set;

/// Whether a head that is declared as the embedding is: one that is stored with other values
/// counts, whatever the configuration says, as in transformers 5.
final class StoredHead {
  private StoredHead() {}

  /// The declaration with a head of its own where the checkpoint has one.
  static ModelSpec of(ModelSpec spec, Checkpoint checkpoint) {
    Head head = spec.head();
    if (!head.tied() || !own(spec, checkpoint)) {
      return spec;
    }
    return spec.with(
        new Head(head.projection(), head.linear(), false, head.scale(), head.softcap()));
  }

  private static boolean own(ModelSpec spec, Checkpoint checkpoint) {
    String head = spec.names().module(spec.head().linear().id());
    String embedding = spec.tensor(spec.embedding().table());
    Set<String> tensors = checkpoint.tensors().keySet();
    if (tensors.contains(head + ".weight")) {
      return tensors.contains(embedding)
          && checkpoint.bytes(head + ".weight").mismatch(checkpoint.bytes(embedding)) >= 0;
    }
    return tensors.stream().anyMatch(t -> t.startsWith(head + ".") && !t.equals(head + ".bias"));
  }
}
