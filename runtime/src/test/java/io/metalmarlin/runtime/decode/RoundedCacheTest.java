package io.metalmarlin.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.KvCache;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.cache.CacheFormat;
import io.metalmarlin.runtime.cache.CacheFormats;
import io.metalmarlin.runtime.cpu.CpuBackend;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.model.Sequences;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Whole models with a rounded cache: every family has one, it changes little, and what a model
/// says does not depend on how its tokens are cut into batches.
class RoundedCacheTest {
  private static final int TOKENS = 60;
  private static final CacheFormat INT8 = CacheFormats.named("int8").orElseThrow();

  static Stream<GoldenModel> models() {
    return GoldenModel.all();
  }

  @ParameterizedTest
  @MethodSource("models")
  void eight_bits_change_the_logits_by_little(GoldenModel golden) {
    try (Model model = Models.open(golden.folder());
        Backend backend = new CpuBackend(2)) {
      assumeThat(model.spec().maxPositions()).isGreaterThanOrEqualTo(TOKENS);
      int[] ids = ids(model);
      float[] exact = logits(model, backend, null, ids, TOKENS);
      float[] rounded = logits(model, backend, INT8, ids, TOKENS);
      double size = Math.sqrt(squares(exact) / exact.length);
      float[] difference = new float[exact.length];
      for (int i = 0; i < difference.length; i++) {
        difference[i] = rounded[i] - exact[i];
      }
      double off = Math.sqrt(squares(difference) / exact.length) / size;
      assertThat(off).isLessThan(.05);
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void token_by_token_and_all_at_once_say_the_same(GoldenModel golden) {
    try (Model model = Models.open(golden.folder());
        Backend backend = new CpuBackend(2)) {
      assumeThat(model.spec().maxPositions()).isGreaterThanOrEqualTo(TOKENS);
      int[] ids = ids(model);
      double rounded = batches(model, backend, INT8, ids);
      // LongRoPE takes other angles once a text is long, with and without rounding.
      double exact = batches(model, backend, null, ids);
      // A sum in another order may move a value over the border of two codes.
      assertThat(rounded).isLessThan(.02 + 1.1 * exact);
    }
  }

  @Test
  void a_format_is_told_with_what_it_takes() {
    try (Model model = Models.open(Shared.path("models", "qwen3-7m"));
        Backend backend = new CpuBackend(1);
        Decoder decoder = new Decoder(model.spec(), model.weights(), backend);
        Generator generator = new Generator(decoder, 0, CacheFormats.named("int4").orElseThrow())) {
      assertThat(generator.cacheUse()).isEmpty();
      List<Integer> ids = new ArrayList<>();
      generator.run(IntStream.range(1, 91).toArray(), GenerateOptions.greedy(10), ids::add);
      var use = generator.cacheUse().orElseThrow();
      int rows = 6 * 2 * 2;
      assertThat(use.format()).isEqualTo("int4");
      assertThat(use.positions()).isEqualTo(100);
      assertThat(use.bytesPerToken()).isEqualTo(rows * 34L);
      assertThat(use.bytes()).isEqualTo(rows * (100L * 34 + 31 * 64 * 4));
    }
  }

  /// What was forgotten does not come back: positions before the cut count as old.
  @Test
  void a_text_that_begins_alike_goes_on_from_the_cache() {
    CacheFormat int4 = CacheFormats.named("int4").orElseThrow();
    try (Model model = Models.open(Shared.path("models", "qwen3-7m"));
        Backend backend = new CpuBackend(1);
        Decoder decoder = new Decoder(model.spec(), model.weights(), backend);
        Generator generator = new Generator(decoder, 200, int4)) {
      int[] first = IntStream.range(1, 101).toArray();
      generator.run(first, GenerateOptions.greedy(20), id -> true);
      generator.run(Arrays.copyOf(first, 80), GenerateOptions.greedy(20), id -> true);
      assertThat(generator.reused()).isEqualTo(79);
      generator.run(first, GenerateOptions.greedy(20), id -> true);
      assertThat(generator.reused()).isGreaterThanOrEqualTo(80);
    }
  }

  private static double batches(
      Model model, Backend backend, @Nullable CacheFormat format, int[] ids) {
    return Runs.largestDifference(
        logits(model, backend, format, ids, TOKENS), logits(model, backend, format, ids, 1));
  }

  private static int[] ids(Model model) {
    int most = Math.min(200, model.spec().vocabulary());
    return new SplittableRandom(5).ints(TOKENS, 0, most).toArray();
  }

  private static float[] logits(
      Model model, Backend backend, @Nullable CacheFormat format, int[] ids, int batch) {
    try (Decoder decoder = new Decoder(model.spec(), model.weights(), backend);
        KvCache cache = backend.cache(model.spec(), ids.length, format);
        Tensor hidden = backend.allocate(ids.length, model.spec().hidden());
        Tensor out = backend.allocate(ids.length, model.spec().vocabulary())) {
      for (int past = 0; past < ids.length; past += batch) {
        Tensor rows = backend.rows(hidden, past, past + batch);
        int[] some = Arrays.copyOfRange(ids, past, past + batch);
        decoder.forward(some, rows, new Sequences(1, batch, past), cache);
      }
      decoder.logits(hidden, 0, ids.length, out);
      return Runs.values(backend, out);
    }
  }

  private static double squares(float[] x) {
    double sum = 0;
    for (float v : x) {
      sum += (double) v * v;
    }
    return sum;
  }
}
