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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DecoderTest {
  private static final int[] IDS = IntStream.range(0, 24).map(i -> i * 7 % 256).toArray();

  @Test
  void a_tap_sees_the_input_of_each_group_once_in_running_order() {
    try (Model model = Models.open(Shared.path("models", "tiny", "llama"));
        Backend backend = new CpuBackend(1)) {
      Map<String, float[]> seen = taps(model, backend, false);
      assertThat(seen.keySet()).containsExactly("qkv", "o", "gate_up", "down");
      assertThat(seen.get("down")).hasSize(24 * 96);
    }
  }

  @Test
  void capture_shows_the_same_inputs_as_block_and_changes_nothing() {
    try (Model model = Models.open(Shared.path("models", "tiny", "llama"));
        Backend backend = new CpuBackend(1)) {
      Map<String, float[]> captured = taps(model, backend, true);
      Map<String, float[]> run = taps(model, backend, false);
      assertThat(captured.keySet()).containsExactlyElementsOf(run.keySet());
      captured.forEach((group, values) -> assertThat(values).as(group).isEqualTo(run.get(group)));
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
    }
  }

  private static Map<String, float[]> taps(Model model, Backend backend, boolean capture) {
    Map<String, float[]> seen = new LinkedHashMap<>();
    Tap tap = (group, input) -> assertThat(seen.put(group, Runs.values(backend, input))).isNull();
    try (Decoder decoder = new Decoder(model.spec(), model.weights(), backend);
        Tensor hidden = backend.allocate(24, model.spec().hidden())) {
      decoder.embed(IDS, hidden);
      float[] before = Runs.values(backend, hidden);
      if (capture) {
        decoder.capture(0, hidden, Sequences.fresh(2, 12), tap);
        assertThat(Runs.values(backend, hidden)).isEqualTo(before);
      } else {
        decoder.block(0, hidden, Sequences.fresh(2, 12), null, tap);
        assertThat(Runs.values(backend, hidden)).isNotEqualTo(before);
      }
    }
    return seen;
  }
}
