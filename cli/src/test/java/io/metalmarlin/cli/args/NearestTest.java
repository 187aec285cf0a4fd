package io.metalmarlin.cli.args;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestTest {
  private static final List<String> FLAGS = List.of("--samples", "--scheme", "--seed", "--seq-len");

  @Test
  void a_swap_a_missing_and_a_wrong_letter_are_found() {
    assertThat(Nearest.of("--smaples", FLAGS)).contains("--samples");
    assertThat(Nearest.of("--sampls", FLAGS)).contains("--samples");
    assertThat(Nearest.of("--schema", FLAGS)).contains("--scheme");
  }

  @Test
  void a_word_unlike_all_others_gets_no_suggestion() {
    assertThat(Nearest.of("--kv-cache", FLAGS)).isEmpty();
  }

  @Test
  void distance_counts_single_edits_and_swaps() {
    assertThat(Nearest.distance("", "abc")).isEqualTo(3);
    assertThat(Nearest.distance("abc", "acb")).isEqualTo(1);
    assertThat(Nearest.distance("kitten", "sitting")).isEqualTo(3);
  }
}
