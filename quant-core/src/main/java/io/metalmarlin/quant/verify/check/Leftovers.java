package io.metalmarlin.quant.verify.check;

import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.StoredFiles;
import io.metalmarlin.quant.verify.Subject;
import io.metalmarlin.quant.verify.TargetRules.Rule;
import java.util.List;

/// Nothing of an unfinished write lies about, and no tensor file that some loaders would take for a
/// part of the model: without an index vLLM reads every `.safetensors` of the folder, and mlx-lm
/// always reads `model*.safetensors`.
public final class Leftovers implements Check {
  private static final List<String> UNFINISHED =
      List.of(".partial", ".incomplete", ".tmp", ".part", ".download", ".aria2");

  @Override
  public String code() {
    return "leftover";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    if (subject.files().isEmpty()) {
      return;
    }
    StoredFiles files = subject.files().get();
    for (String name : files.names()) {
      if (UNFINISHED.stream().anyMatch(name::endsWith) || name.contains(".partial-")) {
        findings.error(
            name,
            "is the rest of an unfinished write or download",
            "Finish it or delete it; what it should have become may be missing.");
      } else if (name.endsWith(".safetensors") && !isPart(files, name)) {
        extra(subject, files, name, findings);
      }
    }
  }

  private static boolean isPart(StoredFiles files, String name) {
    return files.opened().containsKey(name) || files.broken().containsKey(name);
  }

  private static void extra(Subject subject, StoredFiles files, String name, Findings findings) {
    if (subject.asks(Rule.MODEL_FILE_NAMES) && name.startsWith("model")) {
      findings.error(
          name,
          "is not in the index, but the loader reads every file of that pattern",
          "Move it out of the folder.");
    } else if (files.index().isEmpty()) {
      findings.warning(
          name,
          "is no part of the model, but without an index vLLM and SGLang read every .safetensors",
          "Move it out of the folder, or write an index.");
    }
  }
}
