package io.metalmarlin.runtime.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.blas.Workers;
import io.metalmarlin.runtime.cpu.CpuBackend;
import io.metalmarlin.runtime.decode.Decoder;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.text.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.assertj.core.data.Percentage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// Perplexities against those Hugging Face transformers gave in fp32 (reference.json of the models,
/// the README of the packs).
class PerplexityTest {
  @Test
  void the_first_96_windows_of_the_held_out_text_give_17_0189() throws IOException {
    Path folder = Shared.path("models", "qwen3-7m");
    int[] tokens = Arrays.copyOf(tokens(folder, "heldout-mixed.txt"), 96 * 512);
    EvalResult r = evaluate(folder, null, tokens, EvalOptions.DEFAULTS);
    assertThat(r.scored()).isEqualTo(96 * 255);
    assertThat(r.perplexity().mean()).isCloseTo(17.0189, Percentage.withPercentage(0.1));
    assertThat(r.perplexity().low()).isBetween(14.0, 17.0);
    assertThat(r.suspicious()).isEmpty();
  }

  @Tag("slow")
  @ParameterizedTest
  @CsvSource({
    "qwen3-7m, heldout-mixed.txt, heldout.txt",
    "qwen3-7m, wiki.test.raw, wiki.test.raw",
    "qwen3-31m, heldout-mixed.txt, heldout.txt",
    "qwen3-31m, wiki.test.raw, wiki.test.raw",
    "qwen3moe-22m, heldout-mixed.txt, heldout.txt",
    "qwen3moe-22m, wiki.test.raw, wiki.test.raw",
    "deepseekv2-10m, heldout-mixed.txt, heldout.txt",
    "deepseekv2-10m, wiki.test.raw, wiki.test.raw",
    "diffllama-7m, heldout-mixed.txt, heldout.txt",
    "diffllama-7m, wiki.test.raw, wiki.test.raw",
  })
  void whole_texts_give_the_perplexities_of_reference_json(String name, String text, String key)
      throws IOException {
    Path folder = Shared.path("models", name);
    JsonNode reference = new ObjectMapper().readTree(folder.resolve("reference.json").toFile());
    JsonNode secondHalf = reference.get("ppl " + key + " ctx512 second-half");
    EvalResult r = evaluate(folder, null, tokens(folder, text), EvalOptions.DEFAULTS);
    assertThat(r.scored()).isEqualTo(secondHalf.get(1).longValue());
    assertThat(r.perplexity().mean())
        .isCloseTo(secondHalf.get(0).doubleValue(), Percentage.withPercentage(0.1));
    assertThat(r.allPositionsPerplexity())
        .isCloseTo(
            reference.get("ppl " + key + " ctx512 all").get(0).doubleValue(),
            Percentage.withPercentage(0.1));
  }

  @Test
  void a_model_compared_with_itself_has_no_divergence() throws IOException {
    Path folder = Shared.path("models", "qwen3-7m");
    int[] tokens = Arrays.copyOf(tokens(folder, "heldout-mixed.txt"), 4 * 512);
    EvalResult.Divergence d =
        evaluate(folder, folder, tokens, new EvalOptions(512, 2)).divergence().orElseThrow();
    assertThat(d.max()).isZero();
    assertThat(d.top1().mean()).isEqualTo(1);
    assertThat(d.logPerplexityRatio().mean()).isZero();
  }

  @Test
  void threads_change_no_digit_of_the_result() throws IOException {
    Path folder = Shared.path("models", "qwen3-7m");
    int[] tokens = Arrays.copyOf(tokens(folder, "heldout-mixed.txt"), 2 * 512);
    assertThat(evaluate(folder, null, tokens, 1, EvalOptions.DEFAULTS).perplexity())
        .isEqualTo(evaluate(folder, null, tokens, 3, EvalOptions.DEFAULTS).perplexity());
  }

  @Test
  void a_perplexity_above_a_tenth_of_the_vocabulary_is_called_suspicious() {
    Path folder = Shared.path("models", "tiny", "llama");
    int[] tokens = IntStream.range(0, 256).map(i -> i * 31 % 256).toArray();
    assertThat(evaluate(folder, null, tokens, new EvalOptions(64, 9)).suspicious())
        .hasValueSatisfying(s -> assertThat(s).contains("a tenth of the vocabulary (256)"));
  }

  @Test
  void windows_are_spread_evenly_when_only_some_are_wanted() {
    Path folder = Shared.path("models", "tiny", "llama");
    int[] tokens = IntStream.range(0, 640).map(i -> i * 31 % 256).toArray();
    int[] third = new int[192];
    for (int w = 0; w < 3; w++) {
      // Of ten windows 0, 3 and 6.
      System.arraycopy(tokens, w * 3 * 64, third, w * 64, 64);
    }
    assertThat(evaluate(folder, null, tokens, new EvalOptions(64, 3)).perplexity())
        .isEqualTo(evaluate(folder, null, third, new EvalOptions(64, 3)).perplexity());
  }

  @ParameterizedTest
  @CsvSource({
    "63, 64, CALIBRATION_TOO_SHORT, it has 63 tokens",
    "999, 512, BAD_FLAG, outside 4 .. 256",
    "999, 2, BAD_FLAG, outside 4 .. 256"
  })
  void impossible_requests_are_refused(int tokens, int context, ErrorCode code, String message) {
    Path folder = Shared.path("models", "tiny", "llama");
    assertThatThrownBy(() -> evaluate(folder, null, new int[tokens], new EvalOptions(context, 9)))
        .isInstanceOfSatisfying(MarlinException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(message);
  }

  @Test
  void an_id_outside_the_vocabulary_is_refused() {
    Path folder = Shared.path("models", "tiny", "llama");
    int[] tokens = new int[64];
    tokens[9] = 256;
    assertThatThrownBy(() -> evaluate(folder, null, tokens, new EvalOptions(64, 9)))
        .isInstanceOf(MarlinException.class)
        .hasMessageContaining("id 256 is outside the model's vocabulary of 256");
  }

  static int[] tokens(Path model, String text) throws IOException {
    return Tokenizers.read(model).encode(Files.readString(Shared.path("text", text)));
  }

  private static EvalResult evaluate(
      Path model, @Nullable Path reference, int[] tokens, EvalOptions options) {
    return evaluate(model, reference, tokens, 2, options);
  }

  static EvalResult evaluate(
      Path folder, @Nullable Path other, int[] tokens, int threads, EvalOptions options) {
    try (Model model = Models.open(folder);
        Model reference = Models.open(other == null ? folder : other);
        Backend backend = new CpuBackend(threads);
        Workers workers = new Workers(threads);
        Decoder decoder = new Decoder(model.spec(), model.weights(), backend);
        Decoder second = new Decoder(reference.spec(), reference.weights(), backend)) {
      return new Evaluator(workers)
          .run(decoder, other == null ? null : second, tokens, options, EvalListener.SILENT);
    }
  }
}
