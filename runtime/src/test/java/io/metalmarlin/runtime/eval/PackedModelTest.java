package io.metalmarlin.runtime.eval;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.testing.Shared;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/// A checkpoint that llm-compressor quantized, against the perplexity its own decoder gives.
class PackedModelTest {
  @Test
  void an_nvfp4_pack_has_the_perplexity_of_its_manifest_and_diverges_a_little() throws IOException {
    Path base = Shared.path("models", "qwen3-7m");
    Path pack = Shared.path("packs", "ct", "NVFP4A16");
    int[] tokens = Arrays.copyOf(PerplexityTest.tokens(base, "heldout-mixed.txt"), 96 * 512);
    EvalResult r = PerplexityTest.evaluate(pack, base, tokens, 2, EvalOptions.DEFAULTS);
    EvalResult.Divergence d = r.divergence().orElseThrow();
    assertThat(r.perplexity().mean()).isCloseTo(17.5097, Percentage.withPercentage(0.1));
    assertThat(d.referencePerplexity()).isCloseTo(17.0189, Percentage.withPercentage(0.1));
    assertThat(Math.exp(d.logPerplexityRatio().mean()))
        .isCloseTo(17.5097 / 17.0189, Percentage.withPercentage(0.05));
    assertThat(d.mean().mean()).isBetween(0.01, 0.1);
    assertThat(d.median()).isLessThan(d.p90()).isPositive();
    assertThat(d.top1().mean()).isBetween(0.8, 0.99);
  }
}
