package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.json.JsonFiles;
import io.metalmarlin.formats.open.OpenModel;
import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.tests.support.AsciiTokenizer;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.Folders;
import io.metalmarlin.tests.support.Logits;
import io.metalmarlin.tests.support.OwnFormat;
import io.metalmarlin.tests.support.RawCheckpoint;
import io.metalmarlin.tests.support.Run;
import io.metalmarlin.tests.support.Unpacked;
import io.metalmarlin.tests.support.Unpacked.Stored;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Mixtures of experts through the command line, stacked and one by one: what was written runs like
/// a dense model of the source's own layout with the values that were written.
class ExpertsTest {
  @TempDir Path work;

  @ParameterizedTest
  @CsvSource({
    "gpt_oss, marlin, rtn",
    "gpt_oss, marlin, mr-gptq",
    "granitemoe, vllm, mr-gptq",
    "llama4_text, vllm, mr-gptq",
    "mixtral, vllm, mr-gptq",
    "deepseek_v2, vllm, mr-gptq",
  })
  void every_expert_is_packed_and_runs_as_written(String family, String target, String method)
      throws IOException {
    Path source = tiny(family);
    Path out = work.resolve("out");
    Run run = quantize(source, out, target, method);
    assertThat(codes(run)).isEqualTo(family.equals("llama4_text") ? List.of("W309") : List.of());
    assertThat(packedExperts(out)).isNotEmpty();
    if (!method.equals("rtn")) {
      assertStatistics(out);
    }
    Path dense = work.resolve("dense");
    Unpacked.write(source, out, Stored.of(family), dense);
    assertThat(Logits.difference(Logits.of(out, work), Logits.of(dense, work))).isLessThan(1e-3f);
  }

  /// The report says of every expert on which statistics it was solved, and what was done without
  /// any.
  private static void assertStatistics(Path out) {
    for (JsonNode l : JsonFiles.readObject(out.resolve("report.json"), 1 << 20).get("layers")) {
      String module = l.get("module").asString();
      double tokens = l.get("calibrationTokens").asDouble();
      boolean down = module.matches(".*experts\\.\\d+\\.(down_proj|w2)");
      double enough = 4 * l.get("cols").asDouble();
      double share = !module.contains(".experts.") || down ? 1 : Math.min(1, tokens / enough);
      assertThat(l.get("ownShare").asDouble()).as(module).isEqualTo(share);
      assertThat(l.get("fallback").asString(null))
          .as(module)
          .isEqualTo(tokens == 0 && share == 1 ? "rounding" : null);
    }
  }

  @ParameterizedTest
  @CsvSource({"gpt_oss, vllm", "granitemoe, transformers", "llama4_text, trtllm"})
  void stacks_that_the_loader_knows_only_dense_stay_and_are_named(String family, String target)
      throws IOException {
    Path source = tiny(family);
    Path out = work.resolve("out");
    Run run = quantize(source, out, target, "rtn");
    assertThat(run.json().get("warnings").get(0).get("code").asString()).isEqualTo("W307");
    assertThat(run.json().get("warnings").get(0).get("message").asString())
        .contains("tensors of stacked experts", "target " + target);
    var kept = RawCheckpoint.of(out).tensors();
    RawCheckpoint.of(source)
        .tensors()
        .forEach((name, t) -> {
          if (t.shape().size() == 3) {
            assertThat(kept.get(name).data()).as(name).isEqualTo(t.data());
          }
        });
    assertThat(packedExperts(out)).isEmpty();
    Logits.of(out, work);
    Run strict = run(source, work.resolve("strict"), target, "rtn", "--no-fallback");
    assertThat(strict.exit()).isEqualTo(3);
  }

  /// vLLM reorders the rows of dense ones, and reads packed ones as they are.
  @ParameterizedTest
  @CsvSource({"vllm, true", "marlin, false"})
  void queries_and_keys_of_llama_4_stay_for_a_loader_that_reorders_them(String target, boolean stay)
      throws IOException {
    Path out = work.resolve("out");
    Run run = quantize(tiny("llama4_text"), out, target, "rtn");
    assertThat(codes(run)).isEqualTo(stay ? List.of("W309") : List.of());
    var tensors = RawCheckpoint.of(out).tensors();
    for (String role : List.of("q_proj", "k_proj", "v_proj")) {
      String name = "model.layers.0.self_attn." + role;
      assertThat(tensors.containsKey(name + ".weight")).as(name).isEqualTo(stay);
    }
    assertThat(tensors).doesNotContainKey("model.layers.0.self_attn.o_proj.weight");
  }

  @ParameterizedTest
  @ValueSource(strings = {"vllm", "sglang"})
  void packed_queries_of_llama_4_are_an_error_for_who_reorders_them(String program)
      throws IOException {
    Path out = work.resolve("out");
    quantize(tiny("llama4_text"), out, "transformers", "rtn");
    Run run = Cli.run("verify", out, "--target", program);
    assertThat(run.exit()).as("%s", run).isEqualTo(4);
    assertThat(run.out()).contains("self_attn.k_proj", "reorders the rows");
    assertThat(Cli.run("verify", out, "--target", "transformers").out())
        .doesNotContain("reorders the rows");
  }

  private static List<String> codes(Run run) {
    return run.json().get("warnings").valueStream().map(w -> w.get("code").asString()).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"re:.*experts\\.1\\..*", "re:.*down_proj"})
  void a_part_of_what_belongs_together_is_refused(String pattern) throws IOException {
    Run run = run(tiny("llama4_text"), work.resolve("out"), "vllm", "rtn", "--ignore", pattern);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("Ignore all experts of a layer or none");
  }

  @Test
  void a_stack_of_marlins_own_may_stay_beside_another_that_is_packed() throws IOException {
    Path source = tiny("gpt_oss");
    Path out = work.resolve("out");
    run(source, out, "marlin", "rtn", "--ignore", "re:.*experts\\.\\d+\\.down_proj").ok();
    assertThat(packedExperts(out)).isNotEmpty().noneMatch(n -> n.contains("down_proj"));
    Logits.of(out, work);
  }

  @Test
  void stacks_of_transformers_own_format_are_the_same_model() throws IOException {
    Path source = tiny("qwen3_moe");
    Path stacked = work.resolve("stacked");
    OwnFormat.write(source, stacked);
    AsciiTokenizer.write(stacked);
    assertThat(Logits.of(stacked, work)).isEqualTo(Logits.of(source, work));
    quantize(source, work.resolve("a"), "vllm", "mr-gptq");
    quantize(stacked, work.resolve("b"), "vllm", "mr-gptq");
    assertThat(packedExperts(work.resolve("b"))).hasSize(2 * 3 * 8);
    assertThat(Folders.modelHashes(work.resolve("b")).get("model.safetensors"))
        .isEqualTo(Folders.modelHashes(work.resolve("a")).get("model.safetensors"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"mixtral-own", "minimax-window", "granitemoe-own"})
  void experts_of_transformers_own_format_get_the_names_that_vllm_knows(String model)
      throws IOException {
    Path source = own(model);
    Path out = work.resolve("out");
    quantize(source, out, "vllm", "rtn");
    assertThat(packedExperts(out))
        .contains("model.layers.1.block_sparse_moe.experts.3.w2.weight_packed")
        .hasSize(2 * 3 * 4);
    assertThat(RawCheckpoint.of(out).tensors().keySet())
        .noneMatch(n -> n.contains(".mlp.") || n.contains("router.weight"));
    Cli.run("verify", out, "--target", "vllm").ok();
  }

  @ParameterizedTest
  @CsvSource({
    "mixtral-own, mlp.gate.weight",
    "minimax-window, mlp.experts.gate_up_proj",
    "granitemoe-own, block_sparse_moe.router.weight",
  })
  void verify_names_what_vllm_has_no_place_for(String model, String tensor) throws IOException {
    Path source = own(model);
    Cli.run("verify", source).ok();
    Run run = Cli.run("verify", source, "--target", "vllm");
    assertThat(run.exit()).isEqualTo(4);
    assertThat(run.out()).contains("model.layers.0." + tensor, "the loader ends with an error");
  }

  @Test
  void stacks_become_a_gguf_file_as_single_experts_do() throws IOException {
    Path source = Shared.path("models", "qwen3moe-22m");
    Path stacked = work.resolve("stacked");
    OwnFormat.write(source, stacked);
    for (String file : List.of("tokenizer.json", "tokenizer_config.json")) {
      Files.copy(source.resolve(file), stacked.resolve(file));
    }
    Path a = work.resolve("a/model");
    Path b = work.resolve("b/model");
    Cli.run("convert", source, "-o", a, "--to", "gguf").ok();
    Cli.run("convert", stacked, "-o", b, "--to", "gguf").ok();
    try (OpenModel one = OpenModel.open(a);
        OpenModel other = OpenModel.open(b)) {
      Checkpoint expected = one.checkpoint();
      assertThat(other.checkpoint().tensors()).isEqualTo(expected.tensors());
      expected
          .tensors()
          .keySet()
          .forEach(t ->
              assertThat(other.checkpoint().bytes(t).mismatch(expected.bytes(t)))
                  .as(t)
                  .isNegative());
    }
  }

  private Path own(String model) throws IOException {
    Path folder = work.resolve(model);
    Folders.copy(Path.of("../runtime/src/test/resources/tiny", model), folder);
    AsciiTokenizer.write(folder);
    return folder;
  }

  @Test
  void verify_has_nothing_against_experts_that_were_taken_apart() throws IOException {
    Path out = work.resolve("out");
    quantize(tiny("granitemoe"), out, "vllm", "rtn");
    Cli.run("verify", out, "--target", "vllm").ok();
  }

  private Path tiny(String family) throws IOException {
    Path folder = work.resolve(family);
    Folders.copy(Shared.path("models", "tiny", family), folder);
    AsciiTokenizer.write(folder);
    return folder;
  }

  private static Run quantize(Path source, Path out, String target, String method) {
    return run(source, out, target, method, "--json").ok();
  }

  private static Run run(Path source, Path out, String target, String method, String... more) {
    List<Object> command = new ArrayList<>(List.of("quantize", source, "-o", out));
    command.addAll(List.of("--target", target, "--transform", "none", "--method", method));
    command.addAll(List.of("--eval-windows", 0));
    if (!method.equals("rtn")) {
      command.addAll(List.of("--samples", 16, "--seq-len", 48));
    }
    command.addAll(List.of(more));
    return Cli.run(command.toArray());
  }

  private static List<String> packedExperts(Path folder) throws IOException {
    return RawCheckpoint.of(folder).tensors().keySet().stream()
        .filter(n -> n.contains("experts.") && n.endsWith(".weight_packed"))
        .toList();
  }
}
