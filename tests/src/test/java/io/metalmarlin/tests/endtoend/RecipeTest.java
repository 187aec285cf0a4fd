package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.quant.job.RecipeYaml;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.Folders;
import io.metalmarlin.tests.support.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// Recipes: what an output was made with makes it again, and flags go before them.
class RecipeTest {
  @TempDir Path work;

  @Test
  void the_saved_recipe_makes_the_same_bytes() throws IOException {
    Path recipe =
        write(
            """
            # wide where it matters
            version: 1
            scheme: W4A16
            group_size: 64
            method: full
            refine: 2
            samples: 8
            seq_len: 128
            override:
              "re:.*down_proj": W8A16
            ignore: ["re:.*layers\\\\.0\\\\.self_attn.*"]
            eval_windows: 2
            max_kld: 0.5
            """);
    Path first = quantize("first", "--recipe", recipe);
    Path again = quantize("again", "--recipe", first.resolve("recipe.yaml"));
    assertThat(Folders.modelHashes(again)).isEqualTo(Folders.modelHashes(first));
    assertThat(Files.readString(again.resolve("recipe.yaml")))
        .isEqualTo(Files.readString(first.resolve("recipe.yaml")))
        .contains("order: gar\n", "max_kld: 0.5\n", "gate_on: bound\n", "eval_windows: 2\n");
    JsonNode manifest = new ObjectMapper().readTree(first.resolve("marlin-manifest.json").toFile());
    assertThat(manifest.get("recipe_file").asString()).isEqualTo("recipe.yaml");
    assertThat(manifest.get("output").toString()).contains("\"recipe.yaml\"");
    assertThat(Files.readString(first.resolve("README.md"))).contains("--recipe recipe.yaml");
  }

  @Test
  void a_budgets_recipe_names_what_was_chosen() throws IOException {
    Path recipe =
        write(
            "target_bpw: 5\noptions: [W4A16, W8A16]\ncost_windows: 2\nmethod: rtn\neval_windows: 0\n");
    JsonNode settings = plan("--recipe", recipe).get("settings");
    assertThat(from(settings, "scheme")).isEqualTo("budget");
    assertThat(from(settings, "cost_windows")).isEqualTo("recipe");
    Path first = quantize("first", "--recipe", recipe);
    assertThat(Files.readString(first.resolve("recipe.yaml")))
        .contains("were chosen for 5.0000 bits per weight\n", "\n  - \"model.layers.")
        .doesNotContain("target_bpw:", "options:");
    Path again = quantize("again", "--recipe", first.resolve("recipe.yaml"));
    assertThat(Folders.modelHashes(again)).isEqualTo(Folders.modelHashes(first));
  }

  @Test
  void flags_go_before_the_recipe_and_the_plan_says_who_decided() throws IOException {
    Path recipe = write("scheme: W4A16\nmethod: rtn\nignore: [\"re:.*q_proj\"]\nseed: 7\n");
    JsonNode plan =
        plan("--recipe", recipe, "--scheme", "W8A16", "--ignore", "re:.*down_proj", "--seed=8");
    assertThat(plan.at("/recipe/scheme").asString()).isEqualTo("W8A16");
    assertThat(plan.at("/recipe/seed").asLong()).isEqualTo(8);
    assertThat(plan.at("/recipe/ignore").toString()).isEqualTo("[\"re:.*down_proj\"]");
    JsonNode settings = plan.get("settings");
    assertThat(from(settings, "scheme")).isEqualTo("flag");
    assertThat(from(settings, "method")).isEqualTo("recipe");
    assertThat(setting(settings, "method").get("place").asString()).isEqualTo(recipe + ":2:1");
    assertThat(from(settings, "target")).isEqualTo("default");
    assertThat(setting(settings, "target").get("place").isNull()).isTrue();
  }

  @Test
  void the_recipe_names_the_model_where_the_command_line_does_not() throws IOException {
    Path recipe = write("model: \"" + Models.twoBlocks() + "\"\nmethod: rtn\n");
    Run run = Cli.run("plan", "--recipe", recipe, "-o", work.resolve("o"), "--json").ok();
    assertThat(run.result().at("/recipe/method").asString()).isEqualTo("rtn");
    Run other = Cli.run("plan", work.resolve("none"), "--recipe", recipe);
    assertThat(other.exit()).isEqualTo(5);
  }

  @Test
  void a_flag_that_the_model_refuses_is_told_with_its_place() throws IOException {
    Path recipe = write("method: rtn\nsamples: 4\n");
    Run run = Cli.run("quantize", Models.twoBlocks(), "-o", work.resolve("o"), "--recipe", recipe);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err())
        .startsWith("error[E202] " + recipe + ":2:1: --samples: has no effect with --method rtn");
    assertThat(work.resolve("o")).doesNotExist();
  }

  /// Every setting written out, defaults included, means the same recipe, whatever it is made of.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--method rtn --scales absmax --seed 3",
        "--method gptq --order natural --damp 0.05 --shrink 0.2 --refine 3 --drift 0.5 --fold auto",
        "--method full --scheme W4A16_ASYM --group-size 64 --drift auto",
        "--scheme W8A16 --group-size channel --target transformers",
        "--target marlin --transform had16",
        "--target marlin --sparsity 2:4 --sparsity-method wanda",
        "--target marlin --sparsity 2:4 --scheme W4A16 --method rtn",
        "--target marlin --scheme T4A16 --method full",
        "--target marlin --scheme CB3A16 --override re:.*down_proj=NVFP4A16",
        "--target mlx-lm --scheme W4A16 --override re:.*down_proj=W8A16",
        "--target trtllm --scheme NVFP4 --samples 4 --seq-len 64",
        "--scheme FP8_BLOCK --method gptq --ignore re:.*o_proj --ignore re:.*k_proj",
        "--target llama.cpp --scheme Q4_K",
        "--target llama.cpp --scheme Q4_K --method full --refine 1",
        "--target llama.cpp --scheme Q4_K_M --override re:.*o_proj=Q8_0",
        "--target mlx-lm --scheme mixed_3_6 --method rtn --override re:.*o_proj=W8A16",
        "--target llama.cpp --scheme IQ3_S",
        "--target llama.cpp --scheme Q8_0 --override re:.*v_proj=source"
      })
  void a_resolved_recipe_resolves_to_itself(String flags) throws IOException {
    JsonNode first = plan(flags.isEmpty() ? new Object[0] : (Object[]) flags.split(" "));
    SequencedMap<String, Object> settings = new LinkedHashMap<>();
    for (JsonNode s : first.get("settings")) {
      JsonNode v = s.get("value");
      settings.put(
          s.get("key").asString(),
          v.isArray()
              ? v.valueStream().map(JsonNode::asString).toList()
              : v.isString() ? v.asString() : (Object) v);
    }
    JsonNode again = plan("--recipe", write(RecipeYaml.write("m", settings, null)));
    assertThat(again.get("recipe")).isEqualTo(first.get("recipe"));
    assertThat(again.get("settings").valueStream().map(s -> s.get("from").asString()))
        .containsOnly("recipe");
    assertThat(again.get("output_bytes")).isEqualTo(first.get("output_bytes"));
  }

  @Test
  void the_examples_of_the_page_are_recipes() throws IOException {
    String page = Files.readString(Path.of("..", "docs", "recipes.md"));
    String[] parts = page.split("```yaml\n");
    assertThat(parts).hasSize(3);
    for (int i = 1; i < parts.length; i++) {
      JsonNode plan = plan("--recipe", write(parts[i].substring(0, parts[i].indexOf("```"))));
      assertThat(plan.get("refusals")).isEmpty();
    }
  }

  private static JsonNode setting(JsonNode settings, String key) {
    return settings
        .valueStream()
        .filter(s -> s.get("key").asString().equals(key))
        .findFirst()
        .orElseThrow();
  }

  private static String from(JsonNode settings, String key) {
    return setting(settings, key).get("from").asString();
  }

  private Path write(String text) throws IOException {
    return Files.writeString(work.resolve("r.yaml"), text);
  }

  private JsonNode plan(Object... flags) {
    List<Object> command =
        new ArrayList<>(List.of("plan", Models.twoBlocks(), "-o", work.resolve("p"), "--json"));
    command.addAll(List.of(flags));
    return Cli.run(command.toArray()).ok().result();
  }

  private Path quantize(String name, Object... flags) {
    Path out = work.resolve(name);
    List<Object> command = new ArrayList<>(List.of("quantize", Models.twoBlocks(), "-o", out));
    command.addAll(List.of(flags));
    Cli.run(command.toArray()).ok();
    return out;
  }
}
