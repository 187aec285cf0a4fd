package io.metalmarlin.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.cpu.CpuBackend;
import io.metalmarlin.runtime.cpu.CpuKernels;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Architecture;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.model.Sequences;
import io.metalmarlin.runtime.model.arch.Architectures;
import java.util.Arrays;
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
      Set<String> known = new java.util.HashSet<>();
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
      int[] expected = values.ids("greedy");
      List<Integer> ids =
          Runs.generate(
              model, backend, values.ids("input_ids"), GenerateOptions.greedy(expected.length));
      assertThat(ids).isEqualTo(Arrays.stream(expected).boxed().toList());
    }
  }

  private static void close(
      Backend backend, Tensor actual, float[] expected, double within, String what) {
    assertThat(Runs.largestDifference(Runs.values(backend, actual), expected))
        .as(what)
        .isLessThan(within);
  }
}
