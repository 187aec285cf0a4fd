package io.metalmarlin.quant.verify.check;

import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.Subject;
import java.nio.file.Files;

/// `config.json` (or the metadata of a GGUF file) can be read, makes sense, and names a way of
/// storing weights that is known.
public final class ConfigReadable implements Check {
  @Override
  public String code() {
    return "config";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    subject.faults().forEach(findings::error);
    boolean alone = subject.config().isEmpty() && subject.faults().isEmpty();
    if (alone) {
      findings.error(
          subject.checkpoint().files().stream()
              .findFirst()
              .map(Object::toString)
              .orElse("config.json"),
          "is a single file without a config.json, which says nothing about how it is stored",
          Files.exists(subject.folder().resolve("config.json"))
              ? "Verify the folder instead of the file."
              : "Put it into a folder with the model's config.json and tokenizer.");
    }
    subject
        .config()
        .filter(c -> c.text("model_type").isEmpty())
        .ifPresent(c ->
            findings.error(
                c.file().getFileName().toString(),
                "has no \"model_type\"",
                "Take the config.json of the original model and add the quantization to it."));
  }
}
