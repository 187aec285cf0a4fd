package io.metalmarlin.cli.out;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ErrorTextTest {
  private static final Failure TRUNCATED =
      new Failure(
          "E503",
          "model-00002-of-00004.safetensors",
          "tensor \"x\" ends at byte 5,012,000, the file has 4,998,144: incomplete download",
          "Fetch it again.",
          5);

  @Test
  void an_error_is_one_paragraph_with_code_place_reason_and_advice() {
    assertThat(ErrorText.render(TRUNCATED, Integer.MAX_VALUE, false))
        .isEqualTo(
            "error[E503] model-00002-of-00004.safetensors: tensor \"x\" ends at byte 5,012,000, the"
                + " file has 4,998,144: incomplete download. Fetch it again.");
  }

  @Test
  void it_is_wrapped_at_the_width_of_the_terminal_and_loses_nothing() {
    String wrapped = ErrorText.render(TRUNCATED, 60, false);
    assertThat(wrapped.lines()).allSatisfy(l -> assertThat(l.length()).isLessThanOrEqualTo(60));
    assertThat(wrapped.replace('\n', ' '))
        .isEqualTo(ErrorText.render(TRUNCATED, Integer.MAX_VALUE, false));
  }

  @Test
  void a_word_longer_than_the_line_stays_whole() {
    assertThat(ErrorText.wrap("a " + "b".repeat(90) + " c", 20))
        .isEqualTo("a\n" + "b".repeat(90) + "\nc");
  }

  @Test
  void control_characters_of_a_file_name_do_not_reach_the_terminal() {
    Failure f = new Failure("E501", "a\033[2Jb\nc", "is missing", "Check it.", 5);
    assertThat(ErrorText.render(f, Integer.MAX_VALUE, false))
        .isEqualTo("error[E501] a?[2Jb c: is missing. Check it.");
  }

  @Test
  void only_the_code_is_coloured() {
    assertThat(ErrorText.render(TRUNCATED, 1000, true))
        .startsWith("\033[1;31merror[E503]\033[0m model-");
  }
}
