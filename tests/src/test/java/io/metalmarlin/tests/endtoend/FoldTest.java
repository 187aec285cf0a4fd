package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.tests.outliers.OutlierModel;
import io.metalmarlin.tests.outliers.OutlierProfile;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.Folders;
import io.metalmarlin.tests.support.Logits;
import io.metalmarlin.tests.support.RawCheckpoint;
import io.metalmarlin.tests.support.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// Changes of scale folded into a model with outlier channels while it is quantized.
class FoldTest {
  @TempDir Path work;

  @Test
  void a_model_with_outlier_channels_stays_closer_to_its_source_whatever_the_threads()
      throws IOException {
    Path source = outliers();
    Run run = Cli.run(command(source, "folded", "auto", "--threads", 1, "--json")).ok();
    Cli.run(command(source, "three", "auto", "--threads", 3)).ok();
    Cli.run(command(source, "plain", "none")).ok();

    assertThat(Folders.modelHashes(work.resolve("three")))
        .isEqualTo(Folders.modelHashes(work.resolve("folded")));
    float[] wanted = Logits.of(source, work);
    double folded = distance(Logits.of(work.resolve("folded"), work), wanted);
    double plain = distance(Logits.of(work.resolve("plain"), work), wanted);
    assertThat(folded).isLessThan(.5 * plain);
    assertThat(run.result().get("layers").valueStream().map(l -> l.get("fold").asString()))
        .allMatch(f -> f.equals("none") || f.startsWith("smooth-"))
        .anyMatch(f -> f.startsWith("smooth-"));
    String norm = "model.layers.1.input_layernorm.weight";
    assertThat(RawCheckpoint.of(work.resolve("folded")).tensors().get(norm).floats())
        .isNotEqualTo(RawCheckpoint.of(source).tensors().get(norm).floats());
    JsonNode report = new ObjectMapper().readTree(work.resolve("folded/report.json").toFile());
    assertThat(report.get("kept").valueStream())
        .anySatisfy(k -> {
          assertThat(k.get("name").asString()).isEqualTo(norm);
          assertThat(k.get("reason").asString()).isEqualTo("vector, scaled");
        });
    // Verify takes the factors back.
    Run verified =
        Cli.run("verify", work.resolve("folded"), "--against", source, "--max-windows", 0, "--json")
            .ok();
    assertThat(verified.out()).doesNotContain("decodes to something else");
  }

  @Test
  void each_input_has_the_transform_that_the_report_names_and_the_pack_says_so()
      throws IOException {
    Path source = outliers();
    Object[] flags = {
      "--scheme",
      "W3A16",
      "--group-size",
      "64",
      "--target",
      "marlin",
      "--transform",
      "each",
      "--json"
    };
    Run run = Cli.run(command(source, "turned", "auto", flags)).ok();

    Map<String, String> said = new TreeMap<>();
    run.result()
        .get("layers")
        .forEach(l -> said.put(l.get("module").asString(), l.get("transform").asString()));
    assertThat(new HashSet<>(said.values())).hasSizeGreaterThan(1);
    Map<String, String> stored = new TreeMap<>();
    JsonNode config = new ObjectMapper().readTree(work.resolve("turned/config.json").toFile());
    assertThat(config.at("/quantization_config/version").asInt()).isEqualTo(3);
    for (JsonNode layout : config.at("/quantization_config/layouts")) {
      JsonNode size = layout.at("/input_transform/block_size");
      String name = size.isMissingNode() ? "none" : "had" + size.asInt();
      layout.get("modules").forEach(m -> stored.put(m.asString(), name));
    }
    assertThat(stored).isEqualTo(said);
    float[] logits = Logits.of(work.resolve("turned"), work);
    Cli.run("convert", work.resolve("turned"), "-o", work.resolve("again"), "--to", "marlin").ok();
    assertThat(Logits.of(work.resolve("again"), work)).isEqualTo(logits);
    // Every key counts: with another block everywhere the model is another one.
    String text = Files.readString(work.resolve("again/config.json"));
    Files.writeString(
        work.resolve("again/config.json"), text.replaceAll("(\"block_size\" ?: ?)(16|32)", "$164"));
    float[] wanted = Logits.of(source, work);
    assertThat(distance(logits, wanted))
        .isLessThan(.3 * distance(Logits.of(work.resolve("again"), work), wanted));
  }

  @ParameterizedTest
  @CsvSource({
    "rtn, NVFP4A16, none, auto, calibration",
    "mr-gptq, NVFP4, none, auto, inputs",
    "mr-gptq, FP8_BLOCK, none, auto, inputs",
    "mr-gptq, NVFP4A16, 2:4, auto, sparse",
    "mr-gptq, NVFP4A16, none, always, auto",
  })
  void what_would_have_no_effect_is_refused(
      String method, String scheme, String sparsity, String fold, String reason) {
    Run run =
        Cli.run(
            Models.quantize(
                Models.twoBlocks(),
                work.resolve("out"),
                "--method",
                method,
                "--scheme",
                scheme,
                "--sparsity",
                sparsity,
                "--target",
                sparsity.equals("none") ? "vllm" : "marlin",
                "--fold",
                fold));
    assertThat(run.exit()).as("%s", run).isEqualTo(2);
    assertThat(run.err()).contains("--fold " + fold).contains(reason);
    assertThat(work.resolve("out")).doesNotExist();
  }

  private Path outliers() throws IOException {
    Path source = work.resolve("outliers");
    OutlierModel.write(Models.twoBlocks(), source, OutlierProfile.of(1));
    return source;
  }

  private Object[] command(Path source, String out, String fold, Object... more) {
    Object[] flags = new Object[more.length + 6];
    System.arraycopy(
        new Object[] {"--method", "full", "--refine", 0, "--fold", fold}, 0, flags, 0, 6);
    System.arraycopy(more, 0, flags, 6, more.length);
    return Models.quantize(source, work.resolve(out), flags);
  }

  private static double distance(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += Math.pow(a[i] - b[i], 2);
    }
    return sum;
  }
}
