package io.metalmarlin.quant.verify.check;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.StoredFiles;
import io.metalmarlin.quant.verify.Subject;
import io.metalmarlin.quant.verify.TargetRules;
import io.metalmarlin.quant.verify.TargetRules.Rule;
import io.metalmarlin.quant.verify.load.Loading;
import io.metalmarlin.quant.verify.load.Loadings;
import java.util.Map;

/// The target loads this family of checkpoints at all, and has nothing against this one: its keys,
/// grids, file names and metadata.
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
    subject.dialect().map(Dialect::name).ifPresent(d -> family(subject, rules, d, findings));
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

  private static void family(Subject subject, TargetRules rules, String name, Findings findings) {
    Loading loading = Loadings.of(rules.target(), rules.version(), name);
    loading
        .refusal()
        .ifPresent(reason ->
            findings.error(
                subject.folder().toString(),
                "%s does not load %s checkpoints: %s".formatted(rules.target(), name, reason),
                "Convert it with `marlin convert` to one of %s, or name the program that is to load it."
                    .formatted(
                        String.join(", ", Loadings.loadedBy(rules.target(), rules.version())))));
    loading.demands().forEach(d -> d.look(subject, rules.target(), findings));
  }

  private static void format(TargetRules rules, String name, Checkpoint file, Findings findings) {
    Map<String, String> metadata = file.metadata();
    if (!metadata.isEmpty() && !metadata.containsKey("format")) {
      findings.error(
          name,
          "has metadata without \"format\", which %s before 5 insists on".formatted(rules.target()),
          "Write the file again with {\"format\":\"pt\"}.");
    }
  }
}
