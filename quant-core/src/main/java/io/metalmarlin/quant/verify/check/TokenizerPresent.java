package io.metalmarlin.quant.verify.check;

import io.metalmarlin.formats.json.JsonFiles;
import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.Subject;
import io.metalmarlin.runtime.text.tiktoken.RankFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// The tokenizer lies with the weights (inside a GGUF file), can be read, and gives no id beyond
/// the embedding.
public final class TokenizerPresent implements Check {
  private static final String FILE = "tokenizer.json";
  private static final String CONFIG = "tokenizer_config.json";
  private static final long MAX_BYTES = 512L << 20;

  /// Tokenizers of other kinds, each enough by itself; rank files have names of their own.
  private static final List<String> OTHERS = List.of("tekken.json", "vocab.json", "spiece.model");

  private static final String REMEDY = "Copy the tokenizer files of the original model.";

  @Override
  public String code() {
    return "tokenizer";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    if (subject.bare()) {
      return;
    }
    if (subject.files().isEmpty()) {
      subject
          .gguf()
          .ifPresent(m -> {
            boolean inside = m.has("tokenizer.ggml.model") && m.has("tokenizer.ggml.tokens");
            if (!inside) {
              findings.error(
                  m.where(),
                  "has no tokenizer.ggml.model and tokens",
                  "Convert it with a tokenizer.");
            }
          });
      return;
    }
    Path folder = subject.folder();
    if (!Files.exists(folder.resolve(FILE))) {
      List<String> names = subject.files().get().names();
      if (names.stream().noneMatch(n -> OTHERS.contains(n) || RankFile.isName(n))) {
        findings.error(FILE, "is missing: nothing can turn text into ids", REMEDY);
      }
      return;
    }
    ids(subject, findings);
    if (!Files.exists(folder.resolve(CONFIG))) {
      findings.warning(
          CONFIG, "is missing: loaders guess the class and the special tokens", REMEDY);
    }
  }

  private static void ids(Subject subject, Findings findings) {
    JsonNode root = JsonFiles.readObject(subject.folder().resolve(FILE), MAX_BYTES);
    int largest = -1;
    JsonNode vocabulary = root.path("model").path("vocab");
    if (vocabulary.isObject()) {
      for (JsonNode id : vocabulary) {
        largest = Math.max(largest, id.asInt(-1));
      }
    } else {
      largest = vocabulary.size() - 1;
    }
    for (JsonNode added : root.path("added_tokens")) {
      largest = Math.max(largest, added.path("id").asInt(-1));
    }
    int rows =
        subject
            .config()
            .flatMap(c -> c.integer("vocab_size").stream().boxed().findFirst())
            .orElse(0);
    if (largest < 0) {
      findings.error(FILE, "has no vocabulary", REMEDY);
    } else if (rows > 0 && largest >= rows) {
      findings.error(
          FILE,
          "gives ids up to %,d, the embedding has %,d rows".formatted(largest, rows),
          "It belongs to another model; copy that of the original.");
    }
  }
}
