package io.metalmarlin.quant.verify.check;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.StoredFiles;
import io.metalmarlin.quant.verify.Subject;
import io.metalmarlin.quant.verify.TargetRules;
import io.metalmarlin.quant.verify.TargetRules.Rule;
import java.util.Map;

/// The target loads this kind of checkpoint at all, under these file names and with this metadata.
public final class TargetLoads implements Check {
  @Override
  public String code() {
    return "target";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    if (subject.target().isEmpty()) {
      return;
    }
    TargetRules rules = subject.target().get();
    subject
        .dialect()
        .map(d -> d.name())
        .filter(d -> !rules.loads(d))
        .ifPresent(d ->
            findings.error(
                subject.folder().toString(),
                "%s does not load %s checkpoints, only %s"
                    .formatted(rules.target(), d, String.join(", ", rules.dialects())),
                "Convert it with `marlin convert`, or name the program that is to load it."));
    subject
        .files()
        .map(StoredFiles::opened)
        .ifPresent(opened -> {
          if (subject.asks(Rule.FORMAT_METADATA)) {
            opened.forEach((name, file) -> format(rules, name, file, findings));
          }
          if (subject.asks(Rule.MODEL_FILE_NAMES)) {
            opened.keySet().stream()
                .filter(n -> !n.startsWith("model"))
                .forEach(n ->
                    findings.error(
                        n,
                        "%s reads only files named model*.safetensors".formatted(rules.target()),
                        "Rename it, in the index too."));
          }
        });
  }

  private static void format(TargetRules rules, String name, Checkpoint file, Findings findings) {
    Map<String, String> metadata = file.metadata();
    if (!metadata.containsKey("format")) {
      findings.error(
          name,
          "has no \"format\" in its metadata, which %s before 5.18 insists on"
              .formatted(rules.target()),
          "Write the file again with {\"format\":\"pt\"}.");
    }
  }
}
