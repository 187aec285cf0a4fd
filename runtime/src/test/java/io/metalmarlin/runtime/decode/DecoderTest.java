package io.metalmarlin.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.cpu.CpuBackend;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.model.Sequences;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DecoderTest {
  private static final int[] IDS = IntStream.range(0, 24).map(i -> i * 7 % 256).toArray();

  @Test
  void the_stages_of_a_block_one_after_the_other_are_the_block() {
    try (Model model = Models.open(Shared.path("models", "tiny", "llama"));
        Backend backend = new CpuBackend(1);
        Decoder decoder = new Decoder(model.spec(), model.weights(), backend);
        Tensor whole = backend.allocate(24, model.spec().hidden());
        Tensor staged = backend.allocate(24, model.spec().hidden())) {
      Sequences two = Sequences.fresh(2, 12);
      decoder.embed(IDS, two, whole);
      decoder.embed(IDS, two, staged);
      decoder.block(0, whole, two, null);
      List<Place> places = Place.of(model.spec().blocks().getFirst());
      assertThat(places).hasSize(4);
      for (int branch = 0; branch < 2; branch++) {
        Place first = places.get(2 * branch);
        Place second = places.get(2 * branch + 1);
        Frame between = copy(backend, decoder.run(first, decoder.enter(first, staged), two));
        decoder.leave(second, decoder.run(second, between, two), staged, staged);
      }
      assertThat(Runs.values(backend, staged)).isEqualTo(Runs.values(backend, whole));
    }
  }

  @Test
  void sequences_of_a_batch_do_not_see_each_other() {
    try (Model model = Models.open(Shared.path("models", "tiny", "qwen3"));
        Backend backend = new CpuBackend(2);
        Decoder decoder = new Decoder(model.spec(), model.weights(), backend);
        Tensor both = backend.allocate(24, model.spec().hidden());
        Tensor second = backend.allocate(12, model.spec().hidden())) {
      decoder.forward(IDS, both, Sequences.fresh(2, 12), null);
      decoder.forward(
          java.util.Arrays.copyOfRange(IDS, 12, 24), second, Sequences.fresh(1, 12), null);
      float[] tail = Runs.values(backend, backend.rows(both, 12, 24));
      assertThat(Runs.largestDifference(tail, Runs.values(backend, second))).isLessThan(1e-5);
    }
  }

  @Test
  void equal_seeds_give_equal_texts_and_other_seeds_other_texts() {
    try (Model model = Models.open(Shared.path("models", "tiny", "llama"));
        Backend backend = new CpuBackend(1)) {
      List<Integer> a =
          Runs.generate(model, backend, IDS, new GenerateOptions(20, 1, 0.95, 4, Set.of()));
      List<Integer> b =
          Runs.generate(model, backend, IDS, new GenerateOptions(20, 1, 0.95, 4, Set.of()));
      List<Integer> c =
          Runs.generate(model, backend, IDS, new GenerateOptions(20, 1, 0.95, 5, Set.of()));
      assertThat(a).isEqualTo(b).isNotEqualTo(c).hasSize(20);
    }
  }

  @Test
  void a_stop_id_ends_the_text_and_is_not_handed_out() {
    try (Model model = Models.open(Shared.path("models", "tiny", "llama"));
        Backend backend = new CpuBackend(1)) {
      List<Integer> all = Runs.generate(model, backend, IDS, GenerateOptions.greedy(10));
      Integer stop = all.get(6);
      List<Integer> cut =
          Runs.generate(model, backend, IDS, new GenerateOptions(10, 0, 1, 0, Set.of(stop)));
      assertThat(cut).isEqualTo(all.subList(0, all.indexOf(stop)));
    }
  }

  @Test
  void more_positions_than_the_model_has_are_refused() {
    try (Model model = Models.open(Shared.path("models", "tiny", "llama"));
        Backend backend = new CpuBackend(1)) {
      assertThatThrownBy(() -> Runs.generate(model, backend, IDS, GenerateOptions.greedy(300)))
          .isInstanceOfSatisfying(
              MarlinException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_FLAG))
          .hasMessageContaining("324 positions, the model has 256");
      assertThatThrownBy(
              () -> Runs.generate(model, backend, new int[300], GenerateOptions.greedy(1)))
          .isInstanceOfSatisfying(
              MarlinException.class,
              e -> assertThat(e.hint()).isEqualTo("Shorten the prompt to fewer than 256 tokens."));
    }
  }

  private static Frame copy(Backend backend, Frame frame) {
    SequencedMap<String, Tensor> copies = new LinkedHashMap<>();
    frame
        .tensors()
        .forEach((name, t) -> {
          Tensor copy = backend.allocate(t.rows(), t.cols());
          backend.write(copy, MemorySegment.ofArray(Runs.values(backend, t)));
          copies.put(name, copy);
        });
    return new Frame(copies);
  }
}
