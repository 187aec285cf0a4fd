package io.metalmarlin.cli.args;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.MarlinException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArgumentEncodingTest {
  @Test
  void an_argument_that_lost_characters_is_refused() {
    assertThatThrownBy(
            () -> ArgumentEncoding.check(List.of("run", "-p", "caf\ufffd\ufffd"), "ANSI_X3.4-1968"))
        .isInstanceOf(MarlinException.class)
        .hasMessageContaining("ANSI_X3.4-1968");
  }

  @Test
  void the_replacement_character_itself_can_be_typed() {
    assertThatCode(
            () -> {
              ArgumentEncoding.check(List.of("-p", "\ufffd"), "UTF-8");
              ArgumentEncoding.check(List.of("-p", "plain"), "ANSI_X3.4-1968");
            })
        .doesNotThrowAnyException();
  }
}
