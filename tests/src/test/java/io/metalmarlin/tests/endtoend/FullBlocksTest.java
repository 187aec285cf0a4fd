package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.Run;
import io.metalmarlin.tests.synthetic.SyntheticCheckpoint;
import io.metalmarlin.tests.synthetic.SyntheticShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// Block types of llama.cpp filled with error feedback.
class FullBlocksTest {
  @TempDir static Path shared;
  @TempDir Path work;

  @BeforeAll
  static void model() throws IOException {
    SyntheticShape shape = new SyntheticShape("qwen3", 1, 256, 256, 4, 2, 64, 512);
    SyntheticCheckpoint.write(shared.resolve("model"), shape, 1, 1 << 20, Models.twoBlocks());
  }

  @Test
  void every_weight_loses_less_than_with_importance_and_threads_change_nothing()
      throws IOException {
    Path imatrix = quantize("imatrix", "--scheme", "Q4_K", "--method", "imatrix");
    Path one = quantize("one", "--scheme", "Q4_K", "--method", "full", "--threads", 1);
    Path two = quantize("two", "--scheme", "Q4_K", "--method", "full", "--threads", 2);

    assertThat(two.resolve("model.gguf")).hasSameBinaryContentAs(one.resolve("model.gguf"));
    JsonNode before = layers(imatrix);
    JsonNode layers = layers(one);
    for (int i = 0; i < layers.size(); i++) {
      assertThat(layers.get(i).get("name")).isEqualTo(before.get(i).get("name"));
      assertThat(layers.get(i).get("method").asString()).isEqualTo("full");
      assertThat(layers.get(i).get("relativeHessianError").asDouble())
          .isLessThan(before.get(i).get("relativeHessianError").asDouble());
    }
  }

  @ParameterizedTest
  @CsvSource({"IQ3_S, .05", "IQ3_XXS, .08", "IQ2_S, .15", "IQ2_XS, .18", "IQ2_XXS, .2"})
  void types_without_an_encoder_are_filled_by_default(String type, double error)
      throws IOException {
    Path out = quantize("out", "--scheme", type);

    for (JsonNode layer : layers(out)) {
      assertThat(layer.get("scheme").asString()).isEqualTo(type);
      assertThat(layer.get("method").asString()).isEqualTo("full");
      assertThat(layer.get("relativeError").asDouble()).isLessThan(error);
    }
    assertThat(Files.size(out.resolve("model.gguf"))).isPositive();
  }

  @ParameterizedTest
  @CsvSource({
    "--scheme IQ3_S --method rtn, Use --method full",
    "--scheme IQ2_S --method imatrix, Use --method full",
    "--scheme Q8_0 --method full, only their own encoder does",
    "--scheme Q4_K --method full --scales mse, has no effect",
    "--scheme Q4_K --method full --order natural, has no effect",
    "--scheme Q4_K --method full --imatrix none.dat, has no effect with --method full"
  })
  void what_cannot_be_is_refused_by_name(String flags, String message) {
    List<Object> arguments = arguments("out");
    arguments.addAll(List.of(flags.split(" ")));
    Run run = Cli.run(arguments.toArray());
    assertThat(run.exit()).isNotZero();
    assertThat(run.err()).contains(message);
  }

  private Path quantize(String name, Object... flags) {
    List<Object> arguments = arguments(name);
    arguments.addAll(List.of("--samples", 4, "--seq-len", 64));
    arguments.addAll(List.of(flags));
    Cli.run(arguments.toArray()).ok();
    return work.resolve(name);
  }

  private List<Object> arguments(String name) {
    return new ArrayList<>(
        List.of(
            "quantize",
            shared.resolve("model"),
            "-o",
            work.resolve(name),
            "--target",
            "llama.cpp",
            "--eval-windows",
            0));
  }

  private static JsonNode layers(Path out) {
    return new ObjectMapper().readTree(out.resolve("report.json").toFile()).get("layers");
  }
}
