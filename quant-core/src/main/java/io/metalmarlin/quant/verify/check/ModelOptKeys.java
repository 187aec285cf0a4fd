package io.metalmarlin.quant.verify.check;

import io.metalmarlin.formats.json.JsonFiles;
import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.Subject;
import io.metalmarlin.quant.verify.TargetRules.Rule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// `hf_quant_config.json` of a ModelOpt checkpoint is there with the keys its loaders ask for, and
/// agrees with `config.json`.
public final class ModelOptKeys implements Check {
  private static final String FILE = "hf_quant_config.json";
  private static final long MAX_BYTES = 64L << 20;

  @Override
  public String code() {
    return "modelopt-config";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    if (!subject.isIn("modelopt")) {
      return;
    }
    Path file = subject.folder().resolve(FILE);
    boolean demanded = subject.asks(Rule.MODELOPT_KEYS);
    if (!Files.exists(file)) {
      if (demanded && !subject.quantization().isObject()) {
        findings.error(
            FILE, "is missing, and config.json has no quantization_config", "Export again.");
      } else {
        findings.warning(
            FILE,
            "is missing: older vLLM and TensorRT-LLM know ModelOpt checkpoints by it",
            "Export again, or convert with `marlin convert --to modelopt`.");
      }
      return;
    }
    JsonNode q = JsonFiles.readObject(file, MAX_BYTES).path("quantization");
    String algorithm = q.path("quant_algo").asString("");
    List<String> wanted = new ArrayList<>(List.of("kv_cache_quant_algo", "exclude_modules"));
    if (algorithm.contains("NVFP4") || algorithm.contains("AWQ")) {
      wanted.add("group_size");
    }
    for (String key : wanted) {
      if (!q.has(key)) {
        String reason = "quantization." + key + " is missing";
        String remedy = "Add it; its value may be null.";
        if (demanded) {
          findings.error(FILE, reason + ", which the target asks for", remedy);
        } else {
          findings.warning(FILE, reason + ", which vLLM asks for", remedy);
        }
      }
    }
    String other = subject.quantization().path("quant_algo").asString(algorithm);
    if (!other.equals(algorithm)) {
      findings.error(
          FILE,
          "says quant_algo %s, config.json says %s".formatted(algorithm, other),
          "Correct the one that is wrong; loaders differ in which they read.");
    }
  }
}
