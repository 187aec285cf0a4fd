package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.Folders;
import io.metalmarlin.tests.support.NaiveNvfp4;
import io.metalmarlin.tests.support.NaiveSparse24;
import io.metalmarlin.tests.support.RawCheckpoint;
import io.metalmarlin.tests.support.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// `quantize --sparsity 2:4` from the command line to the bytes, decoded by a few obvious lines.
class SparseTest {
  @TempDir Path work;

  @ParameterizedTest
  @CsvSource({
    "NVFP4A16, '', 3.0",
    "W4A16, 32, 3.0",
    "W4A16, 64, 2.875",
    "W4A16, 128, 2.8125",
    "W4A16, channel, 2.75"
  })
  void the_planes_hold_two_of_four_columns_in_the_bits_that_are_stated(
      String scheme, String groupSize, double bits) throws IOException {
    Path out = work.resolve("out");
    List<Object> flags = new ArrayList<>(List.of("--scheme", scheme, "--json"));
    if (!groupSize.isEmpty()) {
      flags.addAll(List.of("--group-size", groupSize));
    }
    JsonNode result = Cli.run(sparse(Models.twoBlocks(), out, flags.toArray())).ok().result();
    RawCheckpoint written = RawCheckpoint.of(out);
    RawCheckpoint source = RawCheckpoint.of(Models.twoBlocks());
    assertThat(result.get("layers").size()).isEqualTo(14);
    long bytes = 0;
    long weights = 0;
    for (JsonNode layer : result.get("layers")) {
      String module = layer.get("module").asString();
      float[][] w = NaiveNvfp4.dense(source, module);
      float[][] q = NaiveSparse24.weight(written, module);
      assertThat(mostKept(q)).isEqualTo(2);
      assertThat(NaiveNvfp4.relativeError(q, w))
          .isCloseTo(layer.get("relative_error").asDouble(), within(1e-5));
      bytes += NaiveSparse24.bytes(written, module);
      weights += (long) w.length * w[0].length;
    }
    // The tensor scales, and one scale a row where a row is a group.
    assertThat(result.get("bits_per_weight").asDouble()).isBetween(bits, bits + .07);
    assertThat(result.get("bits_per_weight").asDouble())
        .isCloseTo(8.0 * bytes / weights, within(1e-3));
  }

  @Test
  void the_configuration_says_sparse_in_no_field_that_other_loaders_read() throws IOException {
    Path out = work.resolve("out");
    Cli.run(sparse(Models.twoBlocks(), out)).ok();
    JsonNode config = new ObjectMapper().readTree(out.resolve("config.json").toFile());
    assertThat(config.get("quantization_config").get("quant_method").asString())
        .isEqualTo("marlin");
    assertThat(config.toString()).contains("sparse24-nvfp4").doesNotContain("sparsity_config");
    assertThat(RawCheckpoint.of(out).tensors().keySet())
        .noneMatch(n -> n.endsWith("proj.weight") || n.endsWith("weight_packed"));
  }

  @ParameterizedTest
  @CsvSource({"NVFP4A16", "W4A16"})
  void the_output_is_evaluated(String scheme) {
    Path out = work.resolve("out");
    Cli.run(sparse(Models.twoBlocks(), out, "--scheme", scheme)).ok();
    Path text = Shared.path("text", "heldout-mixed.txt");
    Run eval =
        Cli.run(
                "eval",
                out,
                "--reference",
                Models.twoBlocks(),
                "--text",
                text,
                "--max-windows",
                2,
                "--json")
            .ok();
    assertThat(eval.result().at("/divergence/kld/mean").asDouble()).isBetween(1e-4, 1.5);
  }

  @ParameterizedTest
  @CsvSource({
    "gptq, sparsegpt, NVFP4A16",
    "mr-gptq, wanda, NVFP4A16",
    "mr-gptq, magnitude, W4A16",
    "rtn, magnitude, W4A16"
  })
  void a_pattern_that_the_checkpoint_has_is_kept(String method, String rule, String scheme)
      throws IOException {
    Path pruned = Folders.copy(Models.twoBlocks(), work.resolve("pruned"));
    PrunedCheckpoint.prune(pruned.resolve("model.safetensors"), Models.linears(2));
    RawCheckpoint source = RawCheckpoint.of(pruned);
    Path out = work.resolve("out");

    Cli.run(sparse(pruned, out, "--method", method, "--sparsity-method", rule, "--scheme", scheme))
        .ok();

    RawCheckpoint written = RawCheckpoint.of(out);
    for (String module : Models.linears(2)) {
      float[][] w = NaiveNvfp4.dense(source, module);
      int[][] patterns = NaiveSparse24.patterns(written, module);
      for (int r = 0; r < w.length; r++) {
        for (int c = 0; c < w[r].length; c++) {
          boolean kept = NaiveSparse24.keeps(patterns[r][c / 4], c % 4);
          assertThat(w[r][c] == 0 || kept).as("%s, row %d, column %d", module, r, c).isTrue();
        }
      }
    }
  }

  @Test
  void any_number_of_threads_gives_the_same_bytes() throws IOException {
    List<SortedMap<String, String>> hashes = new ArrayList<>();
    for (int threads : new int[] {1, 2}) {
      Path out = work.resolve("out-" + threads);
      Cli.run(sparse(Models.twoBlocks(), out, "--threads", threads)).ok();
      hashes.add(Folders.modelHashes(out));
    }
    assertThat(hashes.get(1)).isEqualTo(hashes.get(0));
  }

  @ParameterizedTest
  @CsvSource({
    "--target vllm, E303",
    "--target mlx-lm --group-size 64 --scheme W4A16, E303",
    "--target marlin --scheme FP8_DYNAMIC, E303",
    "--target marlin --method rtn --sparsity-method sparsegpt, E201",
    "--target marlin --method rtn --sparsity-method wanda, E201",
    "--target marlin --transform had16, E201",
    "--target marlin --sparsity-method other, E201"
  })
  void what_sparse_weights_do_not_go_with_is_refused(String flags, String code) throws IOException {
    refused(code, "--sparsity", "2:4", flags);
  }

  @Test
  void a_rule_of_pruning_without_pruning_is_refused() throws IOException {
    refused("E201", "--sparsity-method", "wanda", "--target marlin");
  }

  @Test
  void another_sparsity_is_refused() throws IOException {
    refused("E201", "--sparsity", "1:4", "--target marlin");
  }

  private void refused(String code, String flag, String value, String flags) throws IOException {
    List<Object> command =
        new ArrayList<>(List.of("quantize", Models.twoBlocks(), "-o", work.resolve("out")));
    command.addAll(List.of(flag, value));
    command.addAll(List.of(flags.split(" ")));
    Run run = Cli.run(command.toArray());
    assertThat(run.exit()).as("%s", run).isEqualTo(code.charAt(1) - '0');
    assertThat(run.err()).contains("error[" + code + "]");
    assertThat(Folders.names(work)).isEmpty();
  }

  /// The largest number of columns of four that are not zero.
  private static int mostKept(float[][] w) {
    int most = 0;
    for (float[] row : w) {
      for (int q = 0; q < row.length; q += 4) {
        int kept = 0;
        for (int c = q; c < q + 4; c++) {
          kept += row[c] == 0 ? 0 : 1;
        }
        most = Math.max(most, kept);
      }
    }
    return most;
  }

  /// With 4 windows of 64 tokens where the method calibrates.
  private static Object[] sparse(Path model, Path out, Object... flags) {
    List<Object> all = new ArrayList<>(List.of("quantize", model, "-o", out));
    all.addAll(List.of("--sparsity", "2:4", "--target", "marlin", "--eval-windows", 0));
    if (!List.of(flags).contains("rtn")) {
      all.addAll(List.of("--samples", 4, "--seq-len", 64));
    }
    all.addAll(List.of(flags));
    return all.toArray();
  }
}
