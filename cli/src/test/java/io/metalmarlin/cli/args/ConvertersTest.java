package io.metalmarlin.cli.args;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

class ConvertersTest {
  @Test
  void a_share_is_a_percentage_or_a_fraction() {
    ShareConverter c = new ShareConverter();
    assertThat(c.convert("2%")).isEqualTo(0.02);
    assertThat(c.convert("0.02")).isEqualTo(0.02);
    assertThat(c.convert("150%")).isEqualTo(1.5);
  }

  @Test
  void a_bare_number_above_one_is_ambiguous() {
    assertThatThrownBy(() -> new ShareConverter().convert("2"))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("2%");
  }

  @Test
  void negative_and_non_finite_shares_are_refused() {
    assertThatThrownBy(() -> new ShareConverter().convert("-1%")).hasMessageContaining("negative");
    assertThatThrownBy(() -> new ShareConverter().convert("NaN")).hasMessageContaining("finite");
  }

  @Test
  void ids_are_separated_by_commas() {
    assertThat(new IdsConverter().convert("1, 2,3").array()).containsExactly(1, 2, 3);
  }

  @Test
  void a_word_among_ids_is_named() {
    assertThatThrownBy(() -> new IdsConverter().convert("1,x")).hasMessageContaining("\"x\"");
    assertThatThrownBy(() -> new IdsConverter().convert("1,,2")).hasMessageContaining("\"\"");
    assertThatThrownBy(() -> new IdsConverter().convert("4294967295"))
        .hasMessageContaining("above");
  }
}
