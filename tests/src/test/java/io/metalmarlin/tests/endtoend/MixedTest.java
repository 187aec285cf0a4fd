package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.container.gguf.Gguf;
import io.metalmarlin.formats.container.gguf.GgufCheckpoint;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// Outputs with several schemes: each target's files say which weight has which, and are read back
/// as they were meant.
class MixedTest {
  private static final String DOWN = "model.layers.1.mlp.down_proj";

  @TempDir Path work;

  @ParameterizedTest
  @CsvSource({
    "vllm, NVFP4A16, re:.*down_proj, W8A16-G64",
    "vllm, W4A16, re:.*down_proj, FP8_DYNAMIC",
    "transformers, W4A16, re:.*layers.1.*, source",
    "mlx-lm, W4A16, re:.*(v|down)_proj, W8A16-G32",
    "llama.cpp, Q4_K, re:.*(v|down)_proj, Q6_K",
    "llama.cpp, Q4_0, re:.*down_proj, source",
    "marlin, W3A16, re:.*(v|down)_proj, NVFP4A16"
  })
  void every_target_reads_its_mixed_pack(String target, String base, String pattern, String other)
      throws IOException {
    Path out = work.resolve("out");
    Cli.run(
            Models.quantize(
                Models.twoBlocks(),
                out,
                "--target",
                target,
                "--scheme",
                base,
                "--method",
                "rtn",
                "--override",
                pattern + "=" + other))
        .ok();

    Cli.run("verify", out, "--target", target).ok();
    JsonNode report = json(out, "report.json");
    Map<String, String> schemes = new TreeMap<>();
    report
        .get("layers")
        .forEach(l -> schemes.put(l.get("module").asString(), l.get("scheme").asString()));
    if (other.equals("source")) {
      assertThat(schemes).doesNotContainKey(DOWN);
    } else {
      assertThat(schemes.get(DOWN)).isEqualTo(other);
      assertThat(Files.readString(out.resolve("README.md"))).contains(other + " (");
    }
    assertThat(schemes.get("model.layers.0.self_attn.q_proj")).isEqualTo(base);
    assertThat(Files.readString(out.resolve("recipe.yaml")))
        .contains("override:\n  - \"" + pattern + "=" + other + "\"\n");
    JsonNode eval =
        Cli.run("eval", out, "--reference", Models.twoBlocks(), "--max-windows", 1, "--json")
            .ok()
            .result();
    assertThat(eval.at("/divergence/kld/mean").asDouble()).isBetween(0.0, 1.0);
  }

  @Test
  void all_methods_fill_their_part_of_a_mix() throws IOException {
    Path out = work.resolve("out");
    Object[] command =
        Models.quantize(
            Models.twoBlocks(), out, "--method", "gptq", "--override", "re:.*down_proj=W8A16");
    Cli.run(command).ok();
    byte[] once = Files.readAllBytes(out.resolve("model.safetensors"));
    Object[] again = Arrays.copyOf(command, command.length + 3);
    again[command.length] = "--threads";
    again[command.length + 1] = 1;
    again[command.length + 2] = "--overwrite";
    Cli.run(again).ok();
    assertThat(Files.readAllBytes(out.resolve("model.safetensors"))).isEqualTo(once);
  }

  /// The types of every matrix inside the blocks are those of the files that llama.cpp wrote.
  @ParameterizedTest
  @CsvSource({"Q3_K_M, 2", "Q4_K_M, 6"})
  void a_mix_is_llama_cpps(String mix, int blocks) {
    Path out = work.resolve("out");
    Cli.run(
            Models.quantize(
                blocks == 2 ? Models.twoBlocks() : Models.sixBlocks(),
                out,
                "--target",
                "llama.cpp",
                "--scheme",
                mix,
                "--method",
                "rtn"))
        .ok();
    assertThat(types(out.resolve("model.gguf")))
        .hasSize(7 * blocks)
        .isEqualTo(types(Shared.path("packs", "gguf", mix, "model.gguf")));
  }

  /// The bits of every matrix inside the blocks are those of the files that mlx-lm wrote.
  @Test
  void a_mix_is_mlx_lms() throws IOException {
    Path out = work.resolve("out");
    String[] flags = {"--target", "mlx-lm", "--scheme", "mixed_4_6", "--method", "rtn"};
    Cli.run(Models.quantize(Models.twoBlocks(), out, (Object[]) flags)).ok();
    assertThat(bits(out.resolve("config.json")))
        .hasSize(14)
        .isEqualTo(bits(Shared.path("packs", "mlx", "mixed_4_6", "config.json")));
    Cli.run("verify", out, "--target", "mlx-lm").ok();
  }

  private static Map<String, Integer> bits(Path config) {
    JsonNode q = new ObjectMapper().readTree(config.toFile()).get("quantization");
    Map<String, Integer> bits = new TreeMap<>();
    Models.linears(2)
        .forEach(name -> bits.put(name, (q.has(name) ? q.get(name) : q).get("bits").asInt()));
    return bits;
  }

  private static Map<String, DType> types(Path file) {
    Map<String, DType> types = new TreeMap<>();
    try (GgufCheckpoint c = Gguf.INSTANCE.open(file)) {
      c.tensors()
          .forEach((name, t) -> {
            if (name.startsWith("blk.") && t.shape().size() > 1) {
              types.put(name, t.dtype());
            }
          });
    }
    return types;
  }

  @Test
  void the_last_match_wins() {
    JsonNode plan =
        Cli.run(
                "plan",
                Models.twoBlocks(),
                "-o",
                work.resolve("out"),
                "--override",
                "re:.*down_proj=W8A16",
                "--override",
                DOWN + "=W4A16-G32",
                "--json")
            .ok()
            .result();
    assertThat(scheme(plan, DOWN)).isEqualTo("W4A16-G32");
    assertThat(scheme(plan, DOWN.replace(".1.", ".0."))).isEqualTo("W8A16-G128");
    assertThat(scheme(plan, "model.layers.0.self_attn.o_proj")).isEqualTo("NVFP4A16");
  }

  private static String scheme(JsonNode plan, String module) {
    return plan.get("tensors")
        .valueStream()
        .filter(t -> t.get("name").asString().equals(module))
        .findFirst()
        .orElseThrow()
        .get("scheme")
        .asString();
  }

  @ParameterizedTest
  @CsvSource({
    "vllm, re:.*q_proj=W8A16, E303, k_proj",
    "vllm, re:.*up_proj=source, E303, its source type",
    "vllm, re:.*nothing=W8A16, E201, matches no linear module",
    "vllm, re:.*down_proj=W9A16, E201, W9A16",
    "vllm, re:.*down_proj=Q6_K, E303, llama.cpp",
    "vllm, down_proj, E201, PATTERN=SCHEME",
    "vllm, re:(=W8A16, E201, regular expression",
    "marlin, re:.*down_proj=Q4_K_M, E201, mix",
    "awq, re:.*o_proj=W4A16-G64, E303, one group size"
  })
  void what_cannot_be_is_refused(String target, String override, String code, String word)
      throws IOException {
    Run run =
        Cli.run(
            "quantize",
            Models.twoBlocks(),
            "-o",
            work.resolve("out"),
            "--target",
            target,
            "--scheme",
            target.equals("awq") ? "W4A16" : "NVFP4A16",
            "--method",
            "rtn",
            "--override",
            override);
    assertThat(run.exit()).isEqualTo(code.charAt(1) - '0');
    assertThat(run.err()).contains(code, word);
    assertThat(work.resolve("out")).doesNotExist();
  }

  private static JsonNode json(Path out, String file) {
    return new ObjectMapper().readTree(out.resolve(file).toFile());
  }
}
