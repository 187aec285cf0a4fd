package io.metalmarlin.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class SamplerTest {
  @Test
  void greedy_takes_the_lowest_id_of_equal_logits() {
    assertThat(new Sampler(GenerateOptions.greedy(1)).pick(new float[] {1, 3, 3, 2}, 0))
        .isEqualTo(1);
  }

  @Test
  void tokens_come_as_often_as_their_probability_says() {
    Sampler sampler = new Sampler(new GenerateOptions(1, 2, 1, 9, Set.of()));
    // At temperature 2: weights 1, e^0.5 and e^1.
    float[] logits = {0, 1, 2};
    int[] counts = new int[3];
    for (int i = 0; i < 100_000; i++) {
      counts[sampler.pick(logits, i)]++;
    }
    double sum = 1 + Math.exp(0.5) + Math.exp(1);
    assertThat(counts[0] / 1e5).isCloseTo(1 / sum, Offset.offset(0.005));
    assertThat(counts[2] / 1e5).isCloseTo(Math.exp(1) / sum, Offset.offset(0.005));
  }

  @Test
  void top_p_leaves_out_the_tail() {
    Sampler sampler = new Sampler(new GenerateOptions(1, 1, 0.6, 9, Set.of()));
    // Probabilities 0.1, 0.5, 0.3, 0.1: the first two by rank reach 0.6.
    float[] logits = {
      (float) Math.log(0.1), (float) Math.log(0.5), (float) Math.log(0.3), (float) Math.log(0.1)
    };
    for (int i = 0; i < 1000; i++) {
      assertThat(sampler.pick(logits, i)).isIn(1, 2);
    }
  }

  @Test
  void top_k_leaves_out_all_but_the_most_probable() {
    Sampler sampler = new Sampler(new GenerateOptions(1, 5, 2, 1, 1, 9, Set.of()));
    float[] logits = {0, 3, 2, 1};
    for (int i = 0; i < 1000; i++) {
      assertThat(sampler.pick(logits, i)).isIn(1, 2);
    }
  }

  @Test
  void a_penalty_makes_what_occurred_less_likely() {
    Sampler sampler = new Sampler(new GenerateOptions(1, 0, 0, 1, 2, 0, Set.of()));
    float[] logits = {4, 3, -2, -1};
    sampler.penalize(logits, History.occurring(new int[] {0, 2, 9}));
    assertThat(logits).containsExactly(2, 3, -4, -1);
  }
}
