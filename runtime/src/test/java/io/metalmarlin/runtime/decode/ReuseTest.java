package io.metalmarlin.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.cpu.CpuBackend;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Model;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// A generator that goes on from what it holds says what a new one says.
class ReuseTest {
  private static final int[] FIRST = IntStream.range(0, 24).map(i -> i * 7 % 256).toArray();

  @Test
  void the_shared_beginning_is_not_computed_again_and_changes_nothing() {
    try (Model model = Models.open(Shared.path("models", "tiny", "llama"));
        Backend backend = new CpuBackend(1);
        Decoder decoder = new Decoder(model.spec(), model.weights(), backend);
        Generator generator = new Generator(decoder)) {
      List<Integer> first = run(generator, FIRST);
      assertThat(generator.reused()).isZero();
      int[] longer = join(FIRST, first, 5, 6, 7);
      run(generator, longer);
      int[] other = longer.clone();
      other[20]++;
      for (int[] next : List.of(longer, FIRST, other, longer, Arrays.copyOf(FIRST, 1))) {
        List<Integer> again = run(generator, next);
        assertThat(again).isEqualTo(Runs.generate(model, backend, next, GenerateOptions.greedy(8)));
      }
      run(generator, longer);
      run(generator, other);
      assertThat(generator.reused()).isEqualTo(20);
    }
  }

  @Test
  void warming_up_changes_nothing() {
    try (Model model = Models.open(Shared.path("models", "tiny", "llama"));
        Backend backend = new CpuBackend(2);
        Decoder decoder = new Decoder(model.spec(), model.weights(), backend);
        Generator generator = new Generator(decoder)) {
      generator.warm();
      assertThat(run(generator, FIRST))
          .isEqualTo(Runs.generate(model, backend, FIRST, GenerateOptions.greedy(8)));
      generator.warm();
      assertThat(run(generator, FIRST))
          .isEqualTo(Runs.generate(model, backend, FIRST, GenerateOptions.greedy(8)));
      assertThat(generator.reused()).isPositive();
    }
  }

  private static List<Integer> run(Generator generator, int[] prompt) {
    List<Integer> ids = new ArrayList<>();
    generator.run(prompt, GenerateOptions.greedy(8), ids::add);
    return ids;
  }

  private static int[] join(int[] a, List<Integer> b, int... c) {
    return IntStream.concat(
            IntStream.concat(Arrays.stream(a), b.stream().mapToInt(i -> i)), Arrays.stream(c))
        .toArray();
  }
}
