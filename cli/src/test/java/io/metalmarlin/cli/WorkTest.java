package io.metalmarlin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.cli.out.Terminal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The commands that compute, on the embedded demo model with rounding (no calibration).
@TestMethodOrder(MethodOrderer.MethodName.class)
class WorkTest {
  @TempDir static Path folder;
  private static Path quantized;
  private static CommandLineRun quantize;

  @BeforeAll
  static void quantizeTheDemoOnce() {
    quantized = folder.resolve("q model");
    quantize =
        run(
            "quantize",
            "demo",
            "--method",
            "rtn",
            "-o",
            quantized.toString(),
            "--eval-windows",
            "2",
            "--max-kld",
            "5",
            "--json");
  }

  private static CommandLineRun run(String... arguments) {
    Map<String, String> environment = Map.of("XDG_CACHE_HOME", folder.resolve("cache").toString());
    return CommandLineRun.in(folder, Terminal.NONE, environment, arguments);
  }

  private static List<Path> left() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(p -> p.toString().contains("partial")).toList();
    }
  }

  @Test
  void quantize_publishes_a_measured_output() {
    assertThat(quantize.exit()).as(quantize.err()).isZero();
    assertThat(SchemaCheck.envelope(quantize.json())).isEmpty();
    JsonNode result = quantize.json().path("result");
    assertThat(result.path("bits_per_weight").doubleValue()).isBetween(4.5, 4.51);
    assertThat(result.path("layers").size()).isEqualTo(42);
    assertThat(result.path("evaluation").path("windows").intValue()).isEqualTo(2);
    assertThat(result.path("gates").get(0).path("pass").booleanValue()).isTrue();
    assertThat(quantized.resolve("config.json")).exists();
    assertThat(quantized.resolve("report.json")).exists();
  }

  @Test
  void report_shows_what_quantize_measured_and_the_card_quotes_it() throws IOException {
    Path page = folder.resolve("page.html");
    CommandLineRun report = run("report", quantized.toString(), "-o", page.toString(), "--json");
    assertThat(report.exit()).as(report.err()).isZero();
    assertThat(SchemaCheck.envelope(report.json())).isEmpty();
    JsonNode said = report.json().path("result");
    JsonNode made = quantize.json().path("result");
    assertThat(said.at("/run/output_bytes")).isEqualTo(made.at("/output_bytes"));
    assertThat(said.at("/run/bits_per_weight")).isEqualTo(made.at("/bits_per_weight"));
    assertThat(said.at("/run/quality/divergence/mean/mean"))
        .isEqualTo(made.at("/evaluation/divergence/kld/mean"));
    assertThat(said.at("/run/quality/divergence/histogram"))
        .isEqualTo(made.at("/evaluation/divergence/kld_histogram"));
    assertThat(
            said.at("/run/quality/divergence/histogram/counts")
                .valueStream()
                .mapToLong(JsonNode::asLong)
                .sum())
        .isEqualTo(made.at("/evaluation/scored").asLong());
    assertThat(said.at("/run/command/0").asString()).isEqualTo("marlin");
    assertThat(said.at("/run/kept").size() + said.at("/run/weights").size()).isEqualTo(68);
    assertThat(said.at("/gaps").valueStream().map(g -> g.path("topic").asString()))
        .containsExactly("SENSITIVITY");
    JsonNode worst = said.at("/sums/worst/0");
    assertThat(Files.readString(quantized.resolve("README.md")))
        .contains(
            "| %.5f (`%s`) |"
                .formatted(worst.path("error").asDouble(), worst.path("name").asString()))
        .contains("%.5f [".formatted(said.at("/run/quality/divergence/mean/mean").asDouble()))
        .contains("marlin report");
    assertThat(Files.readString(page)).contains("NVFP4A16", "embedded:evaluation");
    assertThat(run("verify", quantized.toString()).exit()).isZero();
  }

  @Test
  void report_of_a_conversion_says_what_was_lost() {
    Path dense = folder.resolve("dense");
    assertThat(run("convert", quantized.toString(), "-o", dense.toString(), "--to", "hf").exit())
        .isZero();
    CommandLineRun report = run("report", dense.toString(), "--json");
    assertThat(SchemaCheck.envelope(report.json())).isEmpty();
    JsonNode said = report.json().path("result");
    assertThat(said.at("/run/kind").asString()).isEqualTo("CONVERT");
    assertThat(said.at("/run/weights/0/from").asString()).isEqualTo("nvfp4-pack-quantized");
    assertThat(said.at("/run/weights/0/bits").asDouble()).isEqualTo(16);
    assertThat(dense.resolve("report.html")).exists();
  }

  @Test
  void quantize_writes_one_progress_line_per_block_and_no_control_characters() {
    assertThat(quantize.err()).contains("block 1/6").contains("block 6/6");
    assertThat(quantize.err()).doesNotContain("\r").doesNotContain("\033");
  }

  @Test
  void an_existing_output_is_refused_and_plan_says_so_with_exit_3() {
    CommandLineRun plan =
        run("plan", "demo", "--method", "rtn", "-o", quantized.toString(), "--json");
    assertThat(plan.exit()).isEqualTo(3);
    assertThat(SchemaCheck.envelope(plan.json())).isEmpty();
    assertThat(plan.json().path("result").path("refusals").get(0).path("code").stringValue())
        .isEqualTo("E321");
    CommandLineRun again = run("quantize", "demo", "--method", "rtn", "-o", quantized.toString());
    assertThat(again.exit()).isEqualTo(3);
    assertThat(again.err()).contains("error[E321]").contains("--overwrite");
  }

  @Test
  void resume_without_an_unfinished_run_is_refused() {
    CommandLineRun run = run("quantize", "demo", "--method", "rtn", "-o", "nowhere", "--resume");
    assertThat(run.exit()).isEqualTo(3);
    assertThat(run.err()).contains("E322").contains("no unfinished run");
  }

  @Test
  void plan_lists_every_tensor_and_writes_nothing() {
    CommandLineRun plan = run("plan", "demo", "--method", "rtn", "--json");
    assertThat(plan.exit()).as(plan.err()).isZero();
    assertThat(SchemaCheck.envelope(plan.json())).isEmpty();
    assertThat(plan.json().path("result").path("tensors").size()).isEqualTo(68);
    assertThat(plan.json().path("result").path("output").stringValue())
        .isEqualTo(folder.resolve("demo-NVFP4A16").toString());
    assertThat(folder.resolve("demo-NVFP4A16")).doesNotExist();
    CommandLineRun dry = run("quantize", "demo", "--method", "rtn", "--dry-run");
    assertThat(dry.out()).contains("model.embed_tokens.weight").contains("peak memory");
  }

  @Test
  void a_failed_gate_exits_4_with_the_figures_and_publishes_nothing() throws IOException {
    Path out = folder.resolve("gated");
    CommandLineRun run =
        run(
            "quantize",
            "demo",
            "--method",
            "rtn",
            "-o",
            out.toString(),
            "--eval-windows",
            "1",
            "--max-kld",
            "0.000001",
            "--gate-on",
            "mean",
            "--json");
    assertThat(run.exit()).isEqualTo(4);
    assertThat(SchemaCheck.envelope(run.json())).isEmpty();
    JsonNode gate = run.json().path("result").path("gates").get(0);
    assertThat(gate.path("name").stringValue()).isEqualTo("max-kld");
    assertThat(gate.path("pass").booleanValue()).isFalse();
    assertThat(gate.path("ci").path("mean").doubleValue())
        .isEqualTo(gate.path("value").doubleValue());
    assertThat(run.err()).contains("error[E401]").contains("max-kld");
    assertThat(out).doesNotExist();
    assertThat(left()).hasSize(1);
  }

  @Test
  void one_window_has_no_interval_and_a_gate_on_it_cannot_pass() {
    CommandLineRun run =
        run(
            "eval",
            "demo",
            "--reference",
            "demo",
            "--max-windows",
            "1",
            "--max-kld",
            "9",
            "--json");
    assertThat(run.exit()).isEqualTo(4);
    assertThat(SchemaCheck.envelope(run.json())).isEmpty();
    assertThat(run.err()).contains("max-kld cannot be checked");
  }

  @Test
  void eval_measures_against_a_reference_and_gates() {
    CommandLineRun run =
        run(
            "eval",
            quantized.toString(),
            "--reference",
            "demo",
            "--max-windows",
            "2",
            "--context",
            "64",
            "--min-top1",
            "99%",
            "--json");
    assertThat(run.exit()).isEqualTo(4);
    assertThat(SchemaCheck.envelope(run.json())).isEmpty();
    JsonNode result = run.json().path("result");
    assertThat(result.path("protocol").stringValue()).isEqualTo("ctx64-second-half");
    assertThat(result.path("divergence").path("kld").path("mean").doubleValue()).isPositive();
    assertThat(result.path("gates").get(0).path("name").stringValue()).isEqualTo("min-top1");
  }

  @Test
  void eval_without_a_reference_says_why_there_is_no_divergence() {
    JsonNode result =
        run("eval", "demo", "--max-windows", "2", "--context", "64", "--json")
            .json()
            .path("result");
    assertThat(result.path("divergence").isNull()).isTrue();
    assertThat(result.path("divergence_reason").stringValue()).contains("--reference");
  }

  @Test
  void dumped_logits_are_a_safetensors_file_of_one_tensor() throws IOException {
    Path file = folder.resolve("l.safetensors");
    CommandLineRun run =
        run("eval", "demo", "--input-ids", "1,2,3", "--dump-logits", file.toString(), "--json");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(SchemaCheck.envelope(run.json())).isEmpty();
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int header = (int) bytes.getLong(0);
    assertThat(new String(bytes.array(), 8, header, StandardCharsets.UTF_8).strip())
        .isEqualTo(
            "{\"logits\":{\"dtype\":\"F32\",\"shape\":[3,8192],\"data_offsets\":[0,98304]}}");
    assertThat(bytes.capacity()).isEqualTo(8 + header + 98304);
    assertThat(bytes.getFloat(8 + header)).isFinite();
    assertThat(left()).noneMatch(p -> p.toString().contains("l.safetensors"));
  }

  @Test
  void an_id_outside_the_vocabulary_is_named() {
    CommandLineRun run = run("eval", "demo", "--input-ids", "1,8192", "--dump-logits", "x");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("--input-ids 8192").contains("8192");
  }

  @Test
  void more_ids_than_the_model_has_positions_are_told_how_many_it_has() {
    String ids = "1,".repeat(3000) + "1";
    CommandLineRun run = run("eval", "demo", "--input-ids", ids, "--dump-logits", "x");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("holds 3001 ids").contains("Give at most ");
  }

  @Test
  void run_streams_the_text_to_stdout_and_statistics_to_stderr() {
    CommandLineRun text = run("run", quantized.toString(), "-p", "Once upon a time", "-n", "5");
    assertThat(text.exit()).as(text.err()).isZero();
    assertThat(text.out()).isNotBlank().endsWith("\n");
    assertThat(text.err()).contains("tok/s");
    CommandLineRun json =
        run("run", quantized.toString(), "-p", "Once upon a time", "-n", "5", "--json");
    assertThat(SchemaCheck.envelope(json.json())).isEmpty();
    assertThat(json.json().path("result").path("ids").size()).isEqualTo(5);
    assertThat(json.json().path("result").path("text").stringValue() + "\n").isEqualTo(text.out());
  }

  @Test
  void quiet_leaves_stderr_empty() {
    assertThat(run("run", "demo", "-p", "a", "-n", "2", "--quiet").err()).isEmpty();
  }

  @Test
  void an_unknown_device_is_refused() {
    CommandLineRun run = run("run", "demo", "-p", "a", "--device", "abacus");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("--device abacus").contains("cpu");
  }

  @Test
  void inspect_shows_dialect_scheme_and_bits() {
    CommandLineRun run = run("inspect", quantized.toString(), "--json");
    assertThat(SchemaCheck.envelope(run.json())).isEmpty();
    JsonNode result = run.json().path("result");
    assertThat(result.path("dialect").stringValue()).isEqualTo("compressed-tensors");
    assertThat(result.path("model_type").stringValue()).isEqualTo("qwen3");
    assertThat(result.path("quantized").path("modules").intValue()).isEqualTo(42);
    assertThat(result.path("quantized").path("bits_per_weight").doubleValue()).isBetween(4.5, 4.51);
    assertThat(result.path("weights").longValue()).isEqualTo(6_819_840);
  }

  @Test
  void inspect_reads_a_single_file_and_an_unknown_model_type() throws IOException {
    Path file = quantized.resolve("model.safetensors");
    JsonNode alone = run("inspect", file.toString(), "--json").json().path("result");
    assertThat(alone.path("tensor_count").intValue()).isEqualTo(152);
    assertThat(alone.path("dialect").stringValue()).isEqualTo("compressed-tensors");
    Path odd = Files.createDirectory(folder.resolve("odd"));
    Files.copy(file, odd.resolve("model.safetensors"));
    Files.writeString(odd.resolve("config.json"), "{\"model_type\":\"mystery\"}");
    JsonNode unknown = run("inspect", odd.toString(), "--json").json().path("result");
    assertThat(unknown.path("model_type").stringValue()).isEqualTo("mystery");
    assertThat(unknown.path("tensor_count").intValue()).isEqualTo(152);
  }
}
