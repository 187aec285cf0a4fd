package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.Folders;
import io.metalmarlin.tests.support.RawCheckpoint;
import io.metalmarlin.tests.support.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// What lies in a published output folder.
class OutputFolderTest {
  private static final List<String> ALWAYS =
      List.of(
          "README.md",
          "config.json",
          "generation_config.json",
          "marlin-manifest.json",
          "model.safetensors",
          "recipe.yaml",
          "report.json",
          "tokenizer.json",
          "tokenizer_config.json");

  @TempDir Path work;

  @ParameterizedTest
  @ValueSource(strings = {"vllm", "transformers", "trtllm", "marlin"})
  void holds_every_file_of_its_target_and_no_other(String target) throws IOException {
    Path out = quantize(target, "rtn");
    var expected = new TreeSet<>(ALWAYS);
    if (target.equals("trtllm")) {
      expected.add("hf_quant_config.json");
    }
    assertThat(Folders.names(out)).containsExactlyElementsOf(expected);
    assertThat(Folders.names(work)).containsExactly("out");
  }

  /// All but itself and the report, which holds times and so differs from run to run.
  @Test
  void the_manifest_hashes_every_file_that_repeats() throws IOException {
    Path out = quantize("vllm", "rtn");
    String manifest = Files.readString(out.resolve("marlin-manifest.json"));
    for (String name : Folders.names(out)) {
      if (!name.equals("marlin-manifest.json") && !name.equals("report.json")) {
        assertThat(manifest).contains(name).contains(Folders.sha256(out.resolve(name)));
      }
    }
    assertThat(manifest)
        .as("the source's own hash")
        .contains(Folders.sha256(Models.twoBlocks().resolve("model.safetensors")));
  }

  @Test
  void the_card_says_of_what_it_is_a_quantization() throws IOException {
    Path out = quantize("vllm", "mr-gptq");
    assertThat(Files.readString(out.resolve("README.md")))
        .startsWith("---\n")
        .contains("base_model_relation: quantized")
        .contains("mr-gptq");
  }

  @Test
  void the_tokenizer_is_carried_over_unchanged() throws IOException {
    Path out = quantize("vllm", "rtn");
    assertThat(out.resolve("tokenizer.json"))
        .hasSameBinaryContentAs(Models.twoBlocks().resolve("tokenizer.json"));
  }

  @Test
  void overwrite_replaces_an_existing_folder_as_a_whole() throws IOException {
    Path out = Files.createDirectories(work.resolve("out"));
    Files.writeString(out.resolve("stale.txt"), "of another run");
    Cli.run(Models.quantize(Models.twoBlocks(), out, "--method", "rtn", "--overwrite")).ok();
    assertThat(out.resolve("stale.txt")).doesNotExist();
    assertThat(Folders.names(out)).containsAll(ALWAYS);
    assertThat(Folders.names(work)).containsExactly("out");
  }

  @Test
  void ignored_modules_stay_in_their_source_type() throws IOException {
    Path out = work.resolve("out");
    Cli.run(
            Models.quantize(
                Models.twoBlocks(), out, "--method", "rtn", "--ignore", "re:.*down_proj"))
        .ok();
    JsonNode config = new ObjectMapper().readTree(Files.readString(out.resolve("config.json")));
    assertThat(config.at("/quantization_config/ignore").toString()).contains("down_proj");
    var tensors = RawCheckpoint.of(out).tensors();
    assertThat(tensors.get("model.layers.1.mlp.down_proj.weight").dtype()).isEqualTo("BF16");
    assertThat(tensors).containsKey("model.layers.1.mlp.up_proj.weight_packed");
  }

  private Path quantize(String target, String method) {
    Path out = work.resolve("out");
    Run run =
        Cli.run(Models.quantize(Models.twoBlocks(), out, "--target", target, "--method", method));
    run.ok();
    return out;
  }
}
