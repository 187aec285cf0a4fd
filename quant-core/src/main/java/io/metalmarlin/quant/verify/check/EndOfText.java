package io.metalmarlin.quant.verify.check;

import io.metalmarlin.formats.json.JsonFiles;
import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.Subject;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;

/// Some file says at which token a text ends, and that token exists; without it generation goes on
/// to the limit.
public final class EndOfText implements Check {
  private static final String GENERATION = "generation_config.json";
  private static final String KEY = "eos_token_id";
  private static final long MAX_BYTES = 1 << 20;

  @Override
  public String code() {
    return "eos";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    if (subject.config().isEmpty()) {
      return;
    }
    JsonNode config = subject.config().get().root().path(KEY);
    Path file = subject.folder().resolve(GENERATION);
    boolean own = subject.files().isPresent() && Files.exists(file);
    JsonNode generation = own ? JsonFiles.readObject(file, MAX_BYTES).path(KEY) : config;
    boolean none = isNone(config) && isNone(generation);
    boolean inGguf = subject.gguf().filter(m -> m.has("tokenizer.ggml.eos_token_id")).isPresent();
    if (none && !inGguf) {
      findings.warning(
          subject.files().isPresent() ? GENERATION : subject.folder().toString(),
          "no " + KEY + " there or in config.json: texts end only at the length limit",
          "Copy generation_config.json of the original model.");
    }
    int rows = subject.config().get().integer("vocab_size").orElse(Integer.MAX_VALUE);
    within(GENERATION, generation, rows, findings);
    within("config.json", config, rows, findings);
  }

  private static boolean isNone(JsonNode ids) {
    return ids.isMissingNode() || ids.isNull() || ids.isArray() && ids.isEmpty();
  }

  private static void within(String file, JsonNode ids, int rows, Findings findings) {
    for (JsonNode id : ids.isArray() ? ids.values() : java.util.List.of(ids)) {
      if (id.isIntegralNumber() && (id.asLong(0) < 0 || id.asLong(0) >= rows)) {
        findings.error(
            file,
            "%s %s is outside the vocabulary of %,d".formatted(KEY, id, rows),
            "Copy the file of the original model.");
      }
    }
  }
}
