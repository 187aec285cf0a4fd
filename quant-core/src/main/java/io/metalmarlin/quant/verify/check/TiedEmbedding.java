package io.metalmarlin.quant.verify.check;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.PackedModules;
import io.metalmarlin.quant.verify.Subject;
import java.util.Optional;

/// `tie_word_embeddings` and the stored head agree: tied means no head, or the embedding once more;
/// untied means a head.
public final class TiedEmbedding implements Check {
  private static final String HEAD = "lm_head";
  private static final String EMBEDDING = "model.embed_tokens.weight";

  @Override
  public String code() {
    return "tied";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    Optional<ModelConfig> config = subject.config();
    Checkpoint c = subject.checkpoint();
    if (config.isEmpty() || !c.tensors().containsKey(EMBEDDING)) {
      return;
    }
    boolean tied = config.get().flag("tie_word_embeddings", subject.spec().isEmpty());
    boolean stored =
        c.tensors().keySet().stream().anyMatch(t -> PackedModules.stem(t).equals(HEAD));
    if (tied && stored && differs(subject)) {
      findings.error(
          HEAD,
          "is stored and differs from the embedding, but tie_word_embeddings is true: loaders would"
              + " drop it",
          "Set tie_word_embeddings to false, or remove the head.");
    }
    // Where the key is missing, families differ in what it means.
    boolean said = config.get().root().path("tie_word_embeddings").isBoolean();
    if (!tied && said && !stored && subject.complete() && subject.spec().isPresent()) {
      findings.error(
          HEAD + ".weight",
          "is not there, and tie_word_embeddings is false",
          "Set tie_word_embeddings to true if the model is tied, else fetch the missing shard.");
    }
  }

  private static boolean differs(Subject subject) {
    Checkpoint c = subject.checkpoint();
    String head = HEAD + ".weight";
    if (subject.modules().containsKey(HEAD) || !c.tensors().containsKey(head)) {
      return true;
    }
    return !c.tensors().get(head).dtype().equals(c.tensors().get(EMBEDDING).dtype())
        || c.bytes(head).mismatch(c.bytes(EMBEDDING)) >= 0;
  }
}
