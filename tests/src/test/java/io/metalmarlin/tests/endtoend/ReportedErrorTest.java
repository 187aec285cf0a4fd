package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.NaiveNvfp4;
import io.metalmarlin.tests.support.RawCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// The error a run reports is the error of the file it wrote.
class ReportedErrorTest {
  @TempDir Path work;

  @ParameterizedTest
  @CsvSource({
    "rtn, vllm, 0",
    "rtn, trtllm, 0",
    "gptq, vllm, 0",
    "mr-gptq, vllm, 0",
    "full, vllm, 0",
    "mr-gptq, trtllm, 0",
    "mr-gptq, marlin, 16",
    "mr-gptq, marlin, 32"
  })
  void is_what_a_naive_reader_computes_from_the_written_file(
      String method, String target, int hadamard) throws IOException {
    check(method, target, hadamard, List.of());
  }

  @ParameterizedTest
  @CsvSource({"gptq, vllm, 0", "mr-gptq, marlin, 32"})
  void is_against_the_source_also_where_the_solver_was_handed_other_weights(
      String method, String target, int hadamard) throws IOException {
    check(method, target, hadamard, List.of("--drift", "1"));
  }

  private void check(String method, String target, int hadamard, List<String> more)
      throws IOException {
    Path out = work.resolve("out");
    List<Object> flags = new ArrayList<>(List.of("--method", method, "--target", target, "--json"));
    flags.addAll(more);
    if (method.equals("full")) {
      // Folded weights are rounded as the folded model has them, not as the source does.
      flags.addAll(List.of("--fold", "none"));
    }
    if (hadamard > 0) {
      flags.addAll(List.of("--transform", "had" + hadamard));
    }
    var run = Cli.run(Models.quantize(Models.twoBlocks(), out, flags.toArray())).ok();
    RawCheckpoint source = RawCheckpoint.of(Models.twoBlocks());
    RawCheckpoint written = RawCheckpoint.of(out);

    List<JsonNode> layers = run.result().get("layers").valueStream().toList();

    assertThat(layers.stream().map(l -> l.get("module").asString()))
        .containsExactlyInAnyOrderElementsOf(Models.linears(2));
    for (JsonNode layer : layers) {
      String module = layer.get("module").asString();
      float[][] w = NaiveNvfp4.dense(source, module);
      double error =
          NaiveNvfp4.relativeError(
              NaiveNvfp4.weight(written, module),
              hadamard > 0 ? NaiveNvfp4.rotated(w, hadamard) : w);
      assertThat(layer.get("relative_error").asDouble())
          .as("reported error of %s", module)
          .isCloseTo(error, within(1e-5 * error));
    }
  }
}
