package io.metalmarlin.cli.out;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FiguresTest {
  @Test
  void bytes_use_binary_units() {
    assertThat(Figures.bytes(512)).isEqualTo("512 B");
    assertThat(Figures.bytes(1536)).isEqualTo("1.50 KiB");
    assertThat(Figures.bytes(13L << 20)).isEqualTo("13.0 MiB");
    assertThat(Figures.bytes(Long.MAX_VALUE)).endsWith(" TiB");
  }

  @Test
  void durations_grow_with_their_unit() {
    assertThat(Figures.seconds(0.416)).isEqualTo("0.42 s");
    assertThat(Figures.seconds(12.34)).isEqualTo("12.3 s");
    assertThat(Figures.seconds(245)).isEqualTo("4m 05s");
    assertThat(Figures.seconds(7384)).isEqualTo("2h 03m");
  }

  @Test
  void what_is_no_number_is_a_dash() {
    assertThat(Figures.fixed(Double.NaN, 3)).isEqualTo("-");
    assertThat(Figures.seconds(Double.NaN)).isEqualTo("-");
    assertThat(Figures.percent(Double.POSITIVE_INFINITY)).isEqualTo("-");
  }

  @Test
  void a_table_aligns_numbers_right_and_text_left() {
    assertThat(new Table("name", ">size").row("a", "1").row("long one", "1000").text())
        .isEqualTo("name      size\na            1\nlong one  1000\n");
  }
}
