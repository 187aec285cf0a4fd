package io.metalmarlin.quant.fold;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.cpu.CpuBackend;
import io.metalmarlin.runtime.decode.Decoder;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.model.Sequences;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Random powers of two folded in wherever a model of each family can take them: its logits are the
/// same to the last bit.
class FoldingTest {
  private static final int TOKENS = 20;

  /// @param sites of a block that was counted by hand, the last one
  @ParameterizedTest
  @CsvSource({
    "llama, 4",
    "qwen2, 4",
    "qwen3, 4",
    "starcoder2, 3",
    "diffllama, 3",
    "phi, 0",
    "gpt2, 0",
    "gemma2, 2",
    "qwen3_moe, -1",
    "mixtral, -1",
    "deepseek_v2, -1",
    "deepseek_v2-lite, -1",
    "deepseek_v3, -1",
    "cohere2, -1",
    "glm4, -1",
    "nemotron, -1",
    "opt, -1",
    "phi3, -1",
    "gpt_oss, -1",
    "minimax, -1",
    "qwen3_next, -1"
  })
  void the_function_stays(String family, int sites) {
    try (Model model = Models.open(Shared.path("models", "tiny", family));
        Backend backend = new CpuBackend(1)) {
      SplittableRandom random = new SplittableRandom(5);
      Folding folding = new Folding();
      int blocks = model.spec().blocks().size();
      for (int b = 0; b < blocks; b++) {
        for (FoldSite site : FoldSites.of(model.spec(), b)) {
          int[] exponents = random.ints(site.channels(), -5, 6).toArray();
          folding.add(model, site, "random", exponents);
        }
      }
      if (sites >= 0) {
        assertThat(FoldSites.of(model.spec(), blocks - 1)).hasSize(sites);
      }
      Model folded = folding.applyTo(model);
      try {
        assertThat(logits(folded, backend)).containsExactly(logits(model, backend));
      } finally {
        folded.checkpoint().close();
      }
    }
  }

  private static float[] logits(Model model, Backend backend) {
    int vocabulary = model.spec().vocabulary();
    int[] ids = IntStream.range(0, TOKENS).map(i -> i * 37 % Math.min(96, vocabulary)).toArray();
    try (Decoder decoder = new Decoder(model.spec(), model.weights(), backend);
        Tensor hidden = backend.allocate(TOKENS, model.spec().hidden());
        Tensor out = backend.allocate(TOKENS, vocabulary)) {
      decoder.forward(ids, hidden, Sequences.fresh(1, TOKENS), null);
      decoder.logits(hidden, 0, TOKENS, out);
      return backend.host(out).toArray(java.lang.foreign.ValueLayout.JAVA_FLOAT);
    }
  }
}
