package io.metalmarlin.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Columns;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.cpu.CpuBackend;
import io.metalmarlin.runtime.cpu.CpuKernels;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.Sequences;
import io.metalmarlin.runtime.model.arch.Architectures;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every registered family against the values that Hugging Face transformers computed for a small
/// random model of it, on both kernel sets.
class ArchitectureGoldenTest {
  /// Families whose arithmetic is worse conditioned than the others'.
  private static final Map<String, Double> WIDER = Map.of("qwen3_next", 2e-3);

  /// Families of which there is no small model, and what proves them instead.
  private static final Map<String, String> WITHOUT = Map.of();

  static Stream<GoldenModel> models() {
    return GoldenModel.all();
  }

  @Test
  void every_registered_family_has_a_golden() {
    Set<String> families =
        Set.copyOf(GoldenModel.all().map(GoldenModel::family).distinct().toList());
    List<String> bare =
        Architectures.ALL.stream()
            .map(Architecture::modelType)
            .filter(t -> !families.contains(t) && !WITHOUT.containsKey(t))
            .toList();
    assertThat(bare).as("families without reference values").isEmpty();
  }

  @ParameterizedTest
  @MethodSource("models")
  void names_cover_the_checkpoint(GoldenModel golden) {
    try (Model model = Models.open(golden.folder())) {
      Set<String> known = new HashSet<>();
      model.spec().matrices().forEach(l -> known.add(model.spec().tensor(l)));
      model.spec().parameters().forEach(p -> known.add(model.spec().tensor(p)));
      known.add(model.spec().names().module(model.spec().head().linear().id()) + ".weight");
      List<String> stray =
          model.checkpoint().tensors().keySet().stream()
              .filter(t -> !known.contains(t))
              .filter(t -> model.spec().buffers().stream().noneMatch(t::matches))
              .toList();
      assertThat(stray).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void linears_of_one_group_stand_at_one_place_and_read_one_width(GoldenModel golden) {
    try (Model model = Models.open(golden.folder())) {
      for (ModelSpec.Block block : model.spec().blocks()) {
        Map<String, String> inputs = new HashMap<>();
        Map<String, String> fused = new HashMap<>();
        for (Place place : Place.of(block)) {
          for (ModelSpec.Linear l : place.linears()) {
            String at = "branch %d, stage %d".formatted(place.branch(), place.stage());
            String input = at + ", %d columns".formatted(l.in());
            assertThat(inputs.merge(l.inputGroup(), input, (a, b) -> a))
                .as("input group %s, %s", l.inputGroup(), l.id())
                .isEqualTo(input);
            assertThat(fused.merge(l.fuseGroup(), at + l.inputGroup(), (a, b) -> a))
                .as("fuse group %s, %s", l.fuseGroup(), l.id())
                .isEqualTo(at + l.inputGroup());
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void states_and_logits_are_those_of_the_reference(GoldenModel golden) {
    double within = WIDER.getOrDefault(golden.family(), 1e-3);
    try (Model model = Models.open(golden.folder());
        Golden values = golden.open()) {
      int[] ids = values.ids("input_ids");
      Sequences sequences = Sequences.fresh(1, ids.length);
      for (CpuKernels kernels : CpuKernels.ALL) {
        try (Backend backend = new CpuBackend(1, kernels);
            Decoder decoder = new Decoder(model.spec(), model.weights(), backend);
            Tensor hidden = backend.allocate(ids.length, model.spec().hidden());
            Tensor logits = backend.allocate(ids.length, model.spec().vocabulary())) {
          decoder.embed(ids, sequences, hidden);
          close(backend, hidden, values.floats("embed"), 1e-5, kernels.name() + ", embedding");
          for (int b = 0; b < model.spec().blocks().size(); b++) {
            decoder.block(b, hidden, sequences, null);
            close(
                backend,
                hidden,
                values.floats("hidden_" + b),
                within,
                kernels.name() + ", block " + b);
          }
          decoder.logits(hidden, 0, ids.length, logits);
          close(backend, logits, values.floats("logits"), within, kernels.name() + ", logits");
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void greedy_tokens_with_a_cache_are_those_of_the_reference(GoldenModel golden) {
    try (Model model = Models.open(golden.folder());
        Golden values = golden.open();
        Backend backend = new CpuBackend(1)) {
      int[] prompt = values.ids("input_ids");
      // The reference goes on beyond the longest context that some configurations allow.
      int room = model.spec().maxPositions() - prompt.length;
      int[] greedy = values.ids("greedy");
      int[] expected = Arrays.copyOf(greedy, Math.min(greedy.length, room));
      List<Integer> ids =
          Runs.generate(model, backend, prompt, GenerateOptions.greedy(expected.length));
      assertThat(ids).isEqualTo(Arrays.stream(expected).boxed().toList());
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void the_stages_of_every_block_are_the_block(GoldenModel golden) {
    try (Model model = Models.open(golden.folder());
        Golden values = golden.open();
        Backend backend = new CpuBackend(1);
        Decoder decoder = new Decoder(model.spec(), model.weights(), backend);
        Tensor whole = backend.allocate(24, model.spec().hidden());
        Tensor staged = backend.allocate(24, model.spec().hidden());
        Tensor sum = backend.allocate(24, model.spec().hidden())) {
      Sequences two = Sequences.fresh(2, 12);
      int[] ids = Arrays.copyOf(values.ids("input_ids"), 24);
      decoder.embed(ids, two, whole);
      decoder.embed(ids, two, staged);
      for (ModelSpec.Block block : model.spec().blocks()) {
        decoder.block(block.index(), whole, two, null);
        staged(decoder, block, staged, block.parallel() ? sum : staged, two);
        assertThat(Runs.values(backend, staged))
            .as("block " + block.index())
            .isEqualTo(Runs.values(backend, whole));
      }
    }
  }

  private static void staged(
      Decoder decoder, ModelSpec.Block block, Tensor hidden, Tensor sum, Sequences sequences) {
    Frame frame = null;
    List<Place> places = Place.of(block);
    for (int p = 0; p < places.size(); p++) {
      Place place = places.get(p);
      frame = place.stage() == 0 ? decoder.enter(place, hidden) : frame;
      frame = decoder.run(place, frame, sequences);
      boolean last = p + 1 == places.size() || places.get(p + 1).stage() == 0;
      if (last) {
        decoder.leave(place, frame, hidden, sum);
      }
    }
    if (sum != hidden) {
      Columns all = Columns.of(0, hidden.cols());
      decoder.backend().copy(sum, all, hidden, all);
    }
  }

  private static void close(
      Backend backend, Tensor actual, float[] expected, double within, String what) {
    assertThat(Runs.largestDifference(Runs.values(backend, actual), expected))
        .as(what)
        .isLessThan(within);
  }
}
