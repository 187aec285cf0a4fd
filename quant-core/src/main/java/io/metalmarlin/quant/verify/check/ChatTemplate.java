package io.metalmarlin.quant.verify.check;

import io.metalmarlin.formats.json.JsonFiles;
import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.Subject;
import java.nio.file.Files;
import java.nio.file.Path;

/// A chat template lies with the tokenizer; without one a server answers no chat requests. Base
/// models have none, so this is a warning.
public final class ChatTemplate implements Check {
  private static final String CONFIG = "tokenizer_config.json";
  private static final long MAX_BYTES = 64L << 20;

  @Override
  public String code() {
    return "chat-template";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    if (subject.bare()) {
      return;
    }
    if (!has(subject)) {
      findings.warning(
          subject.files().isPresent() ? "chat_template.jinja" : subject.folder().toString(),
          "there is no chat template: servers refuse chat requests",
          "Copy that of the original model; a base model has none.");
    }
  }

  private static boolean has(Subject subject) {
    if (subject.files().isEmpty()) {
      return subject.gguf().filter(m -> m.has("tokenizer.chat_template")).isPresent();
    }
    Path folder = subject.folder();
    if (Files.exists(folder.resolve("chat_template.jinja"))
        || Files.exists(folder.resolve("chat_template.json"))) {
      return true;
    }
    Path config = folder.resolve(CONFIG);
    return Files.exists(config)
        && JsonFiles.readObject(config, MAX_BYTES).hasNonNull("chat_template");
  }
}
