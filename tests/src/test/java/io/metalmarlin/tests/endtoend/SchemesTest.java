package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.RawCheckpoint;
import io.metalmarlin.tests.support.Run;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// Every scheme to every kind of layout, read back by our own runner or by a few obvious lines.
class SchemesTest {
  @TempDir Path work;

  /// Bounds are about twice what was measured: a wrong nibble order or sign is a hundred times off.
  @ParameterizedTest
  @CsvSource({
    "W4A16, vllm, mr-gptq, 128, .05",
    "W4A16, vllm, rtn, channel, .1",
    "W4A16_ASYM, vllm, gptq, 32, .05",
    "W8A16, vllm, rtn, 128, .001",
    "W3A16, vllm, mr-gptq, 64, .15",
    "FP8_DYNAMIC, vllm, rtn, '', .01",
    "FP8_BLOCK, vllm, mr-gptq, '', .01",
    "MXFP4A16, vllm, mr-gptq, '', .05",
    "W4A16, mlx-lm, mr-gptq, 64, .05",
    "W4A16, gptq, mr-gptq, 128, .05",
    "W4A16_ASYM, awq, mr-gptq, 128, .05",
    "W4A16_ASYM, awq, full, 128, .05",
    "W4A16, vllm, full, channel, .1",
    "W4A16, mlx-lm, full, 64, .05",
    "FP8_BLOCK, vllm, full, '', .01",
    "MXFP4A16, vllm, full, '', .05"
  })
  void a_written_scheme_runs_close_to_its_source(
      String scheme, String target, String method, String groupSize, double bound)
      throws IOException {
    Path out = work.resolve("out");
    List<Object> flags =
        new java.util.ArrayList<>(
            List.of("--scheme", scheme, "--target", target, "--method", method));
    if (!groupSize.isEmpty()) {
      flags.addAll(List.of("--group-size", groupSize));
    }
    Cli.run(Models.quantize(Models.twoBlocks(), out, flags.toArray())).ok();
    Run eval =
        Cli.run(
                "eval",
                out,
                "--reference",
                Models.twoBlocks(),
                "--text",
                Shared.path("text", "heldout-mixed.txt"),
                "--max-windows",
                2,
                "--json")
            .ok();
    assertThat(eval.result().at("/divergence/kld/mean").asDouble()).isLessThan(bound);
  }

  @Test
  void int4_words_of_compressed_tensors_decode_to_the_reported_error() throws IOException {
    Path out = work.resolve("out");
    Cli.run(Models.quantize(Models.twoBlocks(), out, "--scheme", "W4A16", "--group-size", 32)).ok();
    var written = RawCheckpoint.of(out).tensors();
    var source = RawCheckpoint.of(Models.twoBlocks()).tensors();
    JsonNode layers =
        new ObjectMapper().readTree(out.resolve("report.json").toFile()).get("layers");
    assertThat(layers.size()).isEqualTo(14);
    for (JsonNode layer : layers) {
      String module = layer.get("module").asString();
      float[] w = source.get(module + ".weight").floats();
      float[] scales = written.get(module + ".weight_scale").floats();
      ByteBuffer words =
          ByteBuffer.wrap(written.get(module + ".weight_packed").data())
              .order(ByteOrder.LITTLE_ENDIAN);
      double error = 0;
      double size = 0;
      for (int i = 0; i < w.length; i++) {
        int code = words.getInt(i / 8 * 4) >>> 4 * (i % 8) & 15;
        error += Math.pow((code - 8) * scales[i / 32] - w[i], 2);
        size += Math.pow(w[i], 2);
      }
      assertThat(error / size)
          .isCloseTo(layer.get("relativeError").asDouble(), within(1e-6 + 1e-4 * error / size));
    }
  }

  @Test
  void nvfp4_activations_get_one_calibrated_scale_for_each_input() throws IOException {
    Path out = work.resolve("out");
    Cli.run(Models.quantize(Models.twoBlocks(), out, "--scheme", "NVFP4", "--method", "gptq")).ok();
    var tensors = RawCheckpoint.of(out).tensors();
    for (String module : Models.linears(2)) {
      var scale = tensors.get(module + ".input_global_scale");
      assertThat(scale.shape()).isEqualTo(List.of(1L));
      assertThat(scale.floats()[0]).isPositive().isFinite();
    }
    String attention = "model.layers.0.self_attn.";
    float q = tensors.get(attention + "q_proj.input_global_scale").floats()[0];
    assertThat(tensors.get(attention + "k_proj.input_global_scale").floats()[0]).isEqualTo(q);
    assertThat(tensors.get(attention + "o_proj.input_global_scale").floats()[0]).isNotEqualTo(q);
  }

  @Test
  void a_scheme_with_calibrated_inputs_needs_a_calibrated_method() {
    Run run =
        Cli.run(
            Models.quantize(
                Models.twoBlocks(), work.resolve("out"), "--scheme", "NVFP4", "--method", "rtn"));
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("error[E201]", "NVFP4A16");
  }
}
