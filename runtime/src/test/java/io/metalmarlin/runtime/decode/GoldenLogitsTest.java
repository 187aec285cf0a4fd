package io.metalmarlin.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.cpu.CpuBackend;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.model.Sequences;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Forward passes against the values Hugging Face transformers computed in fp32.
class GoldenLogitsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"qwen3-7m", "qwen3-31m", "qwen3moe-22m", "deepseekv2-10m", "diffllama-7m"})
  void logits_of_trained_models_are_within_2e_3(String name) {
    Path folder = Shared.path("models", name);
    try (Model model = Models.open(folder);
        Golden golden = Golden.open(folder.resolve("golden_logits.safetensors"));
        Backend backend = new CpuBackend(2)) {
      float[] logits = Runs.logits(model, backend, golden.ids("input_ids"));
      assertThat(Runs.largestDifference(logits, golden.floats("logits"))).isLessThan(2e-3);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void threads_change_no_bit(int threads) {
    Path folder = Shared.path("models", "qwen3-7m");
    try (Model model = Models.open(folder);
        Golden golden = Golden.open(folder.resolve("golden_logits.safetensors"));
        Backend one = new CpuBackend(1);
        Backend several = new CpuBackend(threads)) {
      int[] ids = golden.ids("input_ids");
      assertThat(Runs.logits(model, several, ids)).isEqualTo(Runs.logits(model, one, ids));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "models/tiny/llama",
        "models/tiny/qwen3",
        "models/tiny/diffllama",
        "models/tiny/deepseek_v2",
        "models/tiny/minimax",
        "models/tiny/qwen3_next",
        "models/qwen3-7m"
      })
  void decoding_with_the_cache_equals_the_full_pass_to_1e_4(String name) {
    Path folder = Shared.path(name);
    try (Model model = Models.open(folder);
        Backend backend = new CpuBackend(2);
        Decoder decoder = new Decoder(model.spec(), model.weights(), backend);
        var cache = backend.cache(model.spec(), 40, null);
        Tensor hidden = backend.allocate(30, model.spec().hidden());
        Tensor out = backend.allocate(1, model.spec().vocabulary())) {
      int[] ids = new java.util.SplittableRandom(3).ints(40, 0, 256).toArray();
      float[] full = Runs.logits(model, backend, ids);
      List<float[]> steps = new ArrayList<>();
      decoder.forward(Arrays.copyOf(ids, 30), hidden, new Sequences(1, 30, 0), cache);
      int past = 30;
      for (int n : new int[] {1, 1, 3, 5}) {
        Tensor rows = backend.rows(hidden, 0, n);
        decoder.forward(
            Arrays.copyOfRange(ids, past, past + n), rows, new Sequences(1, n, past), cache);
        decoder.logits(rows, n - 1, n, out);
        past += n;
        steps.add(Runs.values(backend, out));
        int v = model.spec().vocabulary();
        float[] expected = Arrays.copyOfRange(full, (past - 1) * v, past * v);
        assertThat(Runs.largestDifference(steps.getLast(), expected)).isLessThan(1e-4);
      }
      assertThat(cache.length()).isEqualTo(40);
    }
  }
}
