package io.metalmarlin.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.cpu.CpuBackend;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Model;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// Greedy continuations of the trained models against Hugging Face transformers, up to the first
/// step where the two best logits of the reference were closer than fp32 noise.
class GreedyTest {
  private static final double NOISE = 1e-3;

  @ParameterizedTest
  @ValueSource(
      strings = {"qwen3-7m", "qwen3-31m", "qwen3moe-22m", "deepseekv2-10m", "diffllama-7m"})
  void continuations_are_equal_up_to_the_first_near_tie(String name) {
    JsonNode greedy =
        new ObjectMapper().readTree(Shared.path("models", name, "greedy.json").toFile());
    int compared = 0;
    try (Model model = Models.open(Shared.path("models", name));
        Backend backend = new CpuBackend(2)) {
      for (JsonNode p : greedy.get("prompts")) {
        List<Integer> expected = ids(p.get("continuation_ids"));
        List<Integer> actual =
            Runs.generate(
                model,
                backend,
                ids(p.get("prompt_ids")).stream().mapToInt(i -> i).toArray(),
                GenerateOptions.greedy(expected.size()));
        int sure = 0;
        while (sure < expected.size() && p.get("gap").get(sure).doubleValue() >= NOISE) {
          sure++;
        }
        compared += sure;
        assertThat(actual.subList(0, sure))
            .as("%s, %s", name, p.get("kind").stringValue())
            .isEqualTo(expected.subList(0, sure));
      }
    }
    assertThat(compared).as("tokens compared").isGreaterThan(200);
  }

  private static List<Integer> ids(JsonNode array) {
    return array.valueStream().map(JsonNode::intValue).toList();
  }
}
