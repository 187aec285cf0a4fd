package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.tests.support.Cli;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Costs of the units of trained models with experts, latent and differential attention: what
/// `eval` says of a checkpoint in which that unit alone is rounded.
class SensitivityFamiliesTest {
  @TempDir Path work;

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(strings = {"qwen3moe-22m", "deepseekv2-10m", "diffllama-7m"})
  void the_costliest_unit_costs_what_a_checkpoint_with_it_rounded_loses(String name) {
    Path model = Shared.path("models", name);
    Path text = Shared.path("text", "heldout-mixed.txt");
    JsonNode costs =
        Cli.run(
                "sensitivity",
                model,
                "--schemes",
                "NVFP4A16",
                "--cost-dataset",
                text,
                "--cost-windows",
                4,
                "--json")
            .ok()
            .result();
    List<JsonNode> units = new ArrayList<>(costs.get("units").valueStream().toList());
    units.sort(Comparator.comparingDouble(SensitivityFamiliesTest::kld));
    assertThat(kld(units.getFirst())).isPositive();
    assertThat(kld(units.getLast())).isGreaterThan(1.5 * kld(units.get(units.size() / 2)));

    JsonNode unit = units.getLast();
    Path out = work.resolve("out");
    List<Object> command = new ArrayList<>(List.of("quantize", model, "-o", out));
    command.addAll(List.of("--scheme", "NVFP4A16", "--method", "rtn", "--eval-windows", 0));
    command.addAll(List.of("--override", "re:.*=source"));
    for (JsonNode pattern : unit.get("patterns")) {
      command.addAll(List.of("--override", pattern.asString() + "=NVFP4A16"));
    }
    Cli.run(command.toArray()).ok();
    JsonNode eval =
        Cli.run("eval", out, "--reference", model, "--text", text, "--max-windows", 4, "--json")
            .ok()
            .result();
    // Both take windows of the same text, at other places of it.
    double kld = eval.at("/divergence/kld/mean").asDouble();
    assertThat(kld(unit)).as("%s", unit).isBetween(kld / 1.5, kld * 1.5);
  }

  private static double kld(JsonNode unit) {
    return unit.at("/costs/0/kld").asDouble();
  }
}
