package io.metalmarlin.cli.out;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ShellWordsTest {
  @Test
  void only_words_that_need_it_are_quoted() {
    assertThat(ShellWords.join(List.of("quantize", "my model", "--ignore", "re:.*it's$")))
        .isEqualTo("quantize 'my model' --ignore 're:.*it'\\''s$'");
  }

  @Test
  void an_empty_word_stays_a_word() {
    assertThat(ShellWords.join(List.of("run", ""))).isEqualTo("run ''");
  }
}
