package io.metalmarlin.quant.verify.check;

import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.Subject;
import tools.jackson.databind.JsonNode;

/// An MLX checkpoint has the `quantization` object that mlx-lm looks for, and the copy under
/// `quantization_config` that newer versions and the Hub look for says the same.
public final class MlxKeys implements Check {
  private static final String FILE = "config.json";

  @Override
  public String code() {
    return "mlx-config";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    if (!subject.isIn("mlx")) {
      return;
    }
    JsonNode own = subject.config().orElseThrow().root().path("quantization");
    JsonNode copy = subject.quantization();
    if (!own.isObject()) {
      findings.error(
          FILE,
          "has no \"quantization\" object, by which mlx-lm knows the widths",
          "Copy quantization_config to quantization.");
    } else if (!copy.isObject()) {
      findings.warning(
          FILE,
          "has no \"quantization_config\", by which the Hub knows a quantized model",
          "Copy quantization to quantization_config.");
    } else if (!own.equals(copy)) {
      findings.warning(
          FILE,
          "\"quantization\" and \"quantization_config\" differ",
          "Make them the same; programs differ in which they read.");
    }
  }
}
