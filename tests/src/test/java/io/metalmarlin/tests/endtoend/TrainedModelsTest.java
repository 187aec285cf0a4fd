package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.tests.support.Cli;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Every kind of trained model through the command line, dense, with latent or differential
/// attention, with experts: the written folder is closer to its source than rounding makes it, and
/// as close as it was.
@Tag("slow")
class TrainedModelsTest {
  @TempDir Path work;

  /// Bounds are a sixth above what was measured on 24 windows.
  @ParameterizedTest
  @CsvSource({
    "qwen3-7m, NVFP4A16, '', .0184",
    "qwen3-7m, W4A16, 128, .0250",
    "qwen3moe-22m, NVFP4A16, '', .0166",
    "qwen3moe-22m, W4A16, 128, .0210",
    "deepseekv2-10m, NVFP4A16, '', .0161",
    "deepseekv2-10m, W4A16, 64, .0192",
    "diffllama-7m, NVFP4A16, '', .0178",
    "diffllama-7m, W4A16, 128, .0236",
  })
  void mr_gptq_is_closer_to_the_source_than_rounding(
      String model, String scheme, String groupSize, double bound) {
    double ours = kld(model, scheme, groupSize, "mr-gptq");
    double rounded = kld(model, scheme, groupSize, "rtn");
    System.out.printf("%s %s: KLD %.5f, rounded %.5f%n", model, scheme, ours, rounded);
    assertThat(ours).isLessThan(bound).isLessThan(.85 * rounded);
  }

  private double kld(String model, String scheme, String groupSize, String method) {
    Path source = Shared.path("models", model);
    Path out = work.resolve(method);
    List<Object> command = new ArrayList<>(List.of("quantize", source, "-o", out));
    command.addAll(List.of("--scheme", scheme, "--method", method, "--eval-windows", 0));
    if (!groupSize.isEmpty()) {
      command.addAll(List.of("--group-size", groupSize));
    }
    if (!method.equals("rtn")) {
      Path texts = Shared.path("text", "calib", "mixed.txt");
      command.addAll(List.of("--dataset", texts, "--samples", 128, "--seq-len", 512));
    }
    Cli.run(command.toArray()).ok();
    Path heldOut = Shared.path("text", "heldout-mixed.txt");
    return Cli.run(
            "eval", out, "--reference", source, "--text", heldOut, "--max-windows", 24, "--json")
        .ok()
        .result()
        .at("/divergence/kld/mean")
        .asDouble();
  }
}
