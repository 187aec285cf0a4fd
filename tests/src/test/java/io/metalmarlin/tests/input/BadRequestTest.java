package io.metalmarlin.tests.input;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.Folders;
import io.metalmarlin.tests.support.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Good models, wrong requests.
class BadRequestTest {
  @TempDir Path work;
  private Path out;
  private Path model;

  @BeforeEach
  void names() {
    out = work.resolve("out");
    model = Shared.path("packs", "base", "qwen3-2l");
  }

  @Test
  void an_unknown_flag_is_a_usage_error_that_names_the_nearest_one() throws IOException {
    refused("E201", List.of("--sheme", "--scheme"), "quantize", model, "--sheme", "NVFP4A16");
  }

  @Test
  void an_unknown_command_is_a_usage_error() throws IOException {
    refused("E201", List.of("quantise", "quantize"), "quantise", model);
  }

  @Test
  void an_unknown_scheme_is_a_usage_error_that_lists_the_known_ones() throws IOException {
    refused(
        "E201",
        List.of("NVFP5", "NVFP4A16", "W4A16_ASYM"),
        "quantize",
        model,
        "-o",
        out,
        "--scheme",
        "NVFP5");
  }

  @Test
  void a_scheme_that_the_target_has_no_layout_for_is_refused() throws IOException {
    refused(
        "E303",
        List.of("FP8_BLOCK", "mlx-lm", "--target"),
        "quantize",
        model,
        "-o",
        out,
        "--scheme",
        "FP8_BLOCK",
        "--target",
        "mlx-lm");
  }

  @Test
  void a_group_size_that_the_target_has_no_layout_for_is_refused_with_those_it_has()
      throws IOException {
    refused(
        "E303",
        List.of("48", "32 or 64 or 128"),
        "quantize",
        model,
        "-o",
        out,
        "--scheme",
        "W4A16",
        "--group-size",
        "48",
        "--target",
        "mlx-lm");
  }

  @Test
  void a_group_size_for_a_scheme_that_fixes_it_is_a_usage_error() throws IOException {
    refused(
        "E201",
        List.of("--group-size 64", "NVFP4A16"),
        "quantize",
        model,
        "-o",
        out,
        "--group-size",
        "64");
  }

  @Test
  void a_group_size_that_is_no_size_is_a_usage_error() throws IOException {
    refused(
        "E201", List.of("wide", "channel"), "quantize", model, "-o", out, "--group-size", "wide");
    refused(
        "E201",
        List.of("--group-size 0", "channel"),
        "quantize",
        model,
        "-o",
        out,
        "--scheme",
        "W4A16",
        "--group-size",
        "0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--method rtn --scales replay | --scales replay | error feedback",
        "--method rtn --shrink 0.1 | --shrink | no effect",
        "--method full --order act | --order act | --order gar",
        "--method mr-gptq --scales replay | --order act | --order gar",
        "--method full --shrink 2 | --shrink 2 | 0.02 to 0.2",
        "--method rtn --refine 2 | --refine | no effect",
        "--method full --refine 101 | --refine 101 | 4 is",
        "--method gptq --refine 1 --sparsity 2:4 --target marlin | --sparsity 2:4 | --refine 0",
        "--method full --sparsity 2:4 --target marlin | --sparsity 2:4 | mr-gptq",
        "--method gptq --order gar --sparsity 2:4 --target marlin | --sparsity 2:4 | --order act",
        "--method full --scales replay --scheme W4A16 --group-size channel | replay | --scales mse"
      })
  void what_does_not_go_with_replay_is_a_usage_error(String flags, String where, String hint)
      throws IOException {
    Object[] command =
        Stream.concat(
                Stream.of("quantize", model, "-o", out), Arrays.stream(flags.trim().split(" ")))
            .toArray();
    refused("E201", List.of(where.trim(), hint.trim()), command);
  }

  @Test
  void an_unknown_method_is_a_usage_error_that_lists_the_known_ones() throws IOException {
    refused(
        "E201",
        List.of("awq", "rtn", "gptq", "mr-gptq", "full"),
        "quantize",
        model,
        "-o",
        out,
        "--method",
        "awq");
  }

  @Test
  void a_number_that_is_none_is_a_usage_error() throws IOException {
    refused(
        "E201", List.of("--samples", "many"), "quantize", model, "-o", out, "--samples", "many");
  }

  @Test
  void no_threads_is_a_usage_error() throws IOException {
    refused("E201", List.of("--threads"), "quantize", model, "-o", out, "--threads", "0");
  }

  @Test
  void a_missing_folder_is_named() throws IOException {
    Path nowhere = work.resolve("nowhere");
    refused("E501", List.of(nowhere.toString()), "quantize", nowhere, "-o", out);
  }

  @Test
  void a_model_that_is_not_in_the_local_cache_is_a_miss() throws IOException {
    refused("E701", List.of("some-org/some-model"), "quantize", "some-org/some-model", "-o", out);
  }

  @Test
  void a_missing_dataset_is_named() throws IOException {
    Path text = work.resolve("calibration.txt");
    refused("E501", List.of(text.toString()), "quantize", model, "-o", out, "--dataset", text);
  }

  @Test
  void calibration_text_that_is_too_short_is_refused_with_both_figures() throws IOException {
    Path text = Files.writeString(work.resolve("short.txt"), "Too short to learn from.");
    refused(
        "E304",
        List.of(text.toString(), "512"),
        "quantize",
        model,
        "-o",
        out,
        "--dataset",
        text,
        "--samples",
        "4",
        "--seq-len",
        "512");
  }

  @Test
  void a_rotation_is_refused_for_a_target_that_cannot_run_it() throws IOException {
    refused(
        "E303",
        List.of("had16", "vllm"),
        "quantize",
        model,
        "-o",
        out,
        "--target",
        "vllm",
        "--transform",
        "had16");
  }

  @Test
  void a_pack_is_not_quantized_again() throws IOException {
    Path pack = Shared.path("packs", "ct", "NVFP4A16-2l");
    refused(
        "E305", List.of("nvfp4-pack-quantized"), "quantize", pack, "-o", out, "--method", "rtn");
  }

  @Test
  void an_existing_output_is_kept_without_overwrite() throws IOException {
    Files.createDirectories(out);
    Files.writeString(out.resolve("mine.txt"), "precious");
    refused(
        "E321",
        List.of(out.toString(), "--overwrite"),
        "quantize",
        model,
        "-o",
        out,
        "--method",
        "rtn");
    assertThat(out.resolve("mine.txt")).hasContent("precious");
  }

  @Test
  void an_output_below_a_file_cannot_be_written() throws IOException {
    Path file = Files.writeString(work.resolve("file"), "");
    refused(
        "E601",
        List.of(file.toString()),
        "quantize",
        model,
        "-o",
        file.resolve("out"),
        "--method",
        "rtn");
  }

  @Test
  void evaluation_text_shorter_than_a_window_is_refused() throws IOException {
    Path text = Files.writeString(work.resolve("short.txt"), "Short.");
    refused("E304", List.of("512"), "eval", model, "--text", text);
  }

  @Test
  void a_token_beyond_the_vocabulary_is_refused() throws IOException {
    refused(
        "E201",
        List.of("512"),
        "eval",
        model,
        "--input-ids",
        "1,512",
        "--dump-logits",
        work.resolve("logits.safetensors"));
  }

  /// Runs the command twice, for people and with `--json`.
  private void refused(String code, List<String> words, Object... command) throws IOException {
    List<String> before = Folders.names(work);
    Refusal.isClear(Cli.run(command), code, words);
    Refusal.leftNothing(work, before);

    List<Object> asJson = new ArrayList<>(List.of(command));
    asJson.add("--json");
    Run json = Cli.run(asJson.toArray());
    Refusal.isClearJson(json, code, List.of());
    Refusal.leftNothing(work, before);
  }
}
