package io.metalmarlin.quant.sensitivity;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.quant.plan.Recipe;
import io.metalmarlin.quant.plan.SchemeOptions;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Model;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Against sums made by hand from the widths in the models' configurations, in products per token.
///
/// qwen3-7m: 6 blocks of 786,432, head 2,097,152, so 38 windows through two models twice are 4 x 38
/// x 6,815,744. For vLLM four units a block: 4 x (6 + 5 + ... + 1) x 786,432 + 24 heads =
/// 116,391,936 a window, which goes into that 8.9 times; for llama.cpp five units: 7.1 times.
/// qwen3moe-22m: blocks of 987,136 with 4 of 16 experts, three units each: 12.2 times.
class CostWindowsTest {
  @ParameterizedTest
  @CsvSource({
    "qwen3-7m, vllm, NVFP4A16, 38, 8",
    "qwen3-7m, llama.cpp, Q4_K, 38, 7",
    "qwen3-7m, vllm, NVFP4A16, 312, 16",
    "qwen3-7m, vllm, NVFP4A16, 9, 2",
    "qwen3-7m, vllm, NVFP4A16, 3, 1",
    "qwen3-7m, vllm, NVFP4A16, 0, 1",
    "qwen3moe-22m, vllm, NVFP4A16, 38, 12",
  })
  void all_trials_take_no_longer_than_two_evaluations(
      String name, String target, String scheme, int available, int windows) {
    try (Model model = Models.open(Shared.path("models", name))) {
      Recipe recipe =
          SchemeOptions.recipes(List.of(scheme), target, List.of(), model).firstEntry().getValue();
      assertThat(CostWindows.affordable(model, recipe, available, 512)).isEqualTo(windows);
    }
  }
}
