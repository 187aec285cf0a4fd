package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.RawCheckpoint;
import io.metalmarlin.tests.support.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/// Costs of weights, and the schemes that a budget chooses by them.
class BudgetTest {
  private static final double CLOSE = 1e-9;

  @TempDir Path work;

  /// A cost is what `eval` says of a checkpoint in which that unit alone is rounded.
  @Test
  void a_cost_is_the_divergence_of_a_checkpoint_with_that_unit_rounded() throws IOException {
    JsonNode costs = measure("--schemes", "W4A16,W8A16");
    assertThat(costs.get("units").valueStream().map(u -> u.get("unit").asString()))
        .containsExactly(
            "0.q_proj+k_proj+v_proj",
            "0.o_proj",
            "0.gate_proj+up_proj",
            "0.down_proj",
            "1.q_proj+k_proj+v_proj",
            "1.o_proj",
            "1.gate_proj+up_proj",
            "1.down_proj");
    JsonNode unit = costs.at("/units/3/costs/0");
    assertThat(unit.get("scheme").asString()).isEqualTo("W4A16-G128");

    Path out = work.resolve("out");
    Cli.run(
            Models.quantize(
                Models.twoBlocks(),
                out,
                "--scheme",
                "W4A16",
                "--method",
                "rtn",
                "--override",
                "re:.*=source",
                "--override",
                "model.layers.0.mlp.down_proj=W4A16"))
        .ok();
    JsonNode eval =
        Cli.run("eval", out, "--reference", Models.twoBlocks(), "--max-windows", 2, "--json")
            .ok()
            .result();
    // The windows are others, so only the size is the same.
    double kld = eval.at("/divergence/kld/mean").asDouble();
    assertThat(unit.get("kld").asDouble()).isBetween(kld / 3, kld * 3);
    assertThat(unit.get("bytes").asLong()).isEqualTo(packed(out));
  }

  private static long packed(Path out) throws IOException {
    return RawCheckpoint.of(out).tensors().entrySet().stream()
        .filter(e -> e.getKey().startsWith("model.layers.0.mlp.down_proj."))
        .mapToLong(e -> e.getValue().data().length)
        .sum();
  }

  @Test
  void threads_do_not_change_costs_and_the_fast_mode_keeps_the_base() throws IOException {
    JsonNode two = measure("--schemes", "W4A16,NVFP4A16,W8A16");
    JsonNode one = measure("--schemes", "W4A16,NVFP4A16,W8A16", "--threads", "1");
    assertThat(one.get("units")).isEqualTo(two.get("units"));
    assertThat(two.get("rank_correlation").asDouble()).isGreaterThan(.8);

    JsonNode fast = measure("--schemes", "W4A16,NVFP4A16,W8A16", "--fast");
    assertThat(fast.get("base").asString()).isEqualTo("NVFP4A16");
    for (int u = 0; u < 8; u++) {
      JsonNode slow = two.at("/units/" + u + "/costs");
      JsonNode quick = fast.at("/units/" + u + "/costs");
      assertThat(quick.get(1)).isEqualTo(slow.get(1));
      double scaled =
          slow.get(1).get("kld").asDouble()
              * slow.get(0).get("relative_error").asDouble()
              / slow.get(1).get("relative_error").asDouble();
      assertThat(quick.get(0).get("kld").asDouble()).isCloseTo(scaled, within(CLOSE));
      assertThat(quick.get(0).get("measured").asBoolean()).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "vllm, 'W4A16,NVFP4A16,W8A16', 5.0",
    "mlx-lm, 'W3A16,W4A16,W8A16', 4.6",
    "llama.cpp, 'Q3_K,Q4_K,Q6_K', 4.3"
  })
  void the_output_has_the_bits_that_were_asked_for(String target, String options, String bits)
      throws IOException {
    Path costs = work.resolve("costs.json");
    measure("--schemes", options, "--target", target, "-o", costs.toString());
    Path out = work.resolve("out");
    JsonNode done =
        quantize(
                out,
                "--target",
                target,
                "--options",
                options,
                "--sensitivities",
                costs,
                "--target-bpw",
                bits,
                "--eval-windows",
                1)
            .ok()
            .result();
    double asked = Double.parseDouble(bits);
    assertThat(done.get("bits_per_weight").asDouble()).isBetween(asked - .4, asked);
    JsonNode allocation = done.get("allocation");
    assertThat(allocation.get("bits_per_weight").asDouble())
        .isCloseTo(done.get("bits_per_weight").asDouble(), within(1e-6));
    assertThat(allocation.get("predicted_kld").asDouble())
        .isGreaterThanOrEqualTo(allocation.get("bound").asDouble() - CLOSE);
    JsonNode report = new ObjectMapper().readTree(out.resolve("report.json").toFile());
    assertThat(report.get("allocation")).isEqualTo(allocation);
    Cli.run("verify", out, "--target", target).ok();
  }

  @Test
  void a_size_is_that_of_all_tensors_and_a_divergence_gives_the_smallest() throws IOException {
    Path costs = work.resolve("costs.json");
    measure("--schemes", "W4A16,NVFP4A16,W8A16", "-o", costs.toString());
    JsonNode size =
        plan("--sensitivities", costs, "--target-size", "1.2MB", "--options", "W4A16,W8A16");
    assertThat(size.get("output_bytes").asLong()).isBetween(1_150_000L, 1_200_000L);

    JsonNode loose = plan("--sensitivities", costs, "--max-kld", 1, "--options", "W4A16,W8A16");
    assertThat(loose.get("bits_per_weight").asDouble()).isCloseTo(4.125, within(1e-3));
    JsonNode least =
        plan(
            "--sensitivities",
            costs,
            "--max-kld",
            1,
            "--options",
            "W4A16,W8A16",
            "--min-bits",
            "down_proj=8");
    assertThat(least.get("recipe").get("rules")).hasSize(2);
  }

  /// With costs that say a third of the truth the first choice misses the limit; the second has
  /// more bits.
  @Test
  void a_divergence_that_comes_out_above_the_limit_is_chosen_for_once_more() throws IOException {
    Path costs = work.resolve("costs.json");
    JsonNode measured = measure("--schemes", "W4A16,W8A16");
    double sum = 0;
    for (JsonNode unit : measured.get("units")) {
      for (JsonNode cost : unit.get("costs")) {
        ((ObjectNode) cost).put("kld", cost.get("kld").asDouble() / 3);
      }
      sum += unit.at("/costs/0/kld").asDouble();
    }
    Files.writeString(costs, measured.toString());
    Run run =
        quantize(
            work.resolve("out"),
            "--options",
            "W4A16,W8A16",
            "--sensitivities",
            costs,
            "--max-kld",
            sum / 2,
            "--eval-windows",
            4);
    assertThat(run.err()).contains("choosing once more with costs");
    List<Double> bits =
        run.err()
            .lines()
            .filter(l -> l.startsWith("a KL divergence of "))
            .map(l -> Double.valueOf(l.split(" ")[5]))
            .toList();
    assertThat(bits).hasSize(2);
    assertThat(bits.get(1)).isGreaterThan(bits.get(0));
  }

  @ParameterizedTest
  @CsvSource({"3, E303, 'from 4.1250 to 8.1250'", "nan, E201, NaN", "-1, E201, ''"})
  void what_cannot_be_reached_is_refused_with_the_range(String bits, String code, String words)
      throws IOException {
    Path costs = work.resolve("costs.json");
    measure("--schemes", "W4A16,W8A16", "-o", costs.toString());
    Run run =
        quantize(
            work.resolve("out"),
            "--options",
            "W4A16,W8A16",
            "--sensitivities",
            costs,
            "--target-bpw=" + bits.replace("nan", "NaN"));
    assertThat(run.exit()).isEqualTo(code.charAt(1) - '0');
    assertThat(run.err()).contains(code, words);
    assertThat(work.resolve("out")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({
    "--options, W4A16, has no effect without a budget",
    "--min-bits, down_proj=4, has no effect without a budget",
    "--sensitivities, x.json, has no effect without a budget"
  })
  void a_flag_that_would_do_nothing_is_refused(String flag, String value, String words) {
    Run run = quantize(work.resolve("out"), flag, value);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("E201", words);
  }

  @Test
  void costs_of_another_target_or_model_are_refused() throws IOException {
    Path costs = work.resolve("costs.json");
    measure("--schemes", "W4A16,W8A16", "-o", costs.toString());
    Run target =
        quantize(
            work.resolve("a"), "--target", "mlx-lm", "--sensitivities", costs, "--target-bpw", 5);
    assertThat(target.err()).contains("E201", "target vllm");
    Run other =
        quantize(
            work.resolve("b"),
            "--ignore",
            "re:.*down_proj",
            "--options",
            "W4A16,W8A16",
            "--sensitivities",
            costs,
            "--target-bpw",
            5);
    assertThat(other.err()).contains("E201", "8 units");
    Files.writeString(costs, "{\"schema\": \"x\"}");
    Run broken = quantize(work.resolve("c"), "--sensitivities", costs, "--target-bpw", 5);
    assertThat(broken.exit()).isEqualTo(2);
  }

  private JsonNode measure(String... flags) throws IOException {
    List<Object> command =
        new ArrayList<>(List.of("sensitivity", Models.twoBlocks(), "--cost-windows", 2, "--json"));
    command.addAll(Arrays.asList(flags));
    return Cli.run(command.toArray()).ok().result();
  }

  private static Run quantize(Path out, Object... flags) {
    List<Object> command =
        new ArrayList<>(
            List.of("quantize", Models.twoBlocks(), "-o", out, "--method", "rtn", "--json"));
    command.addAll(Arrays.asList(flags));
    return Cli.run(command.toArray());
  }

  private JsonNode plan(Object... flags) {
    List<Object> command =
        new ArrayList<>(
            List.of(
                "plan", Models.twoBlocks(), "-o", work.resolve("p"), "--method", "rtn", "--json"));
    command.addAll(Arrays.asList(flags));
    return Cli.run(command.toArray()).ok().result();
  }
}
