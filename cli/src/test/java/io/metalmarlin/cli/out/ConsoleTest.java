package io.metalmarlin.cli.out;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.cli.FakeTerminal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConsoleTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private Console console(Terminal terminal, Settings settings, Map<String, String> environment) {
    return new Console(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        terminal,
        environment,
        settings);
  }

  private static Settings quiet() {
    return new Settings(false, true, false, Settings.Color.AUTO);
  }

  @Test
  void live_lines_need_a_terminal_behind_stderr() {
    assertThat(console(Terminal.NONE, Settings.DEFAULT, Map.of()).live()).isFalse();
    assertThat(console(new FakeTerminal(80), Settings.DEFAULT, Map.of()).live()).isTrue();
    assertThat(console(new FakeTerminal(80), quiet(), Map.of()).live()).isFalse();
    assertThat(console(new FakeTerminal(80), Settings.DEFAULT, Map.of("TERM", "dumb")).live())
        .isFalse();
  }

  @Test
  void a_live_line_is_cut_to_the_terminal_and_wiped_before_data() {
    Console c = console(new FakeTerminal(10), Settings.DEFAULT, Map.of());
    c.live("block 1/9 and more");
    c.print("data\n");
    assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("\r\033[Kblock 1/9\r\033[K");
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("data\n");
  }

  @Test
  void quiet_keeps_errors() {
    Console c = console(Terminal.NONE, quiet(), Map.of());
    c.message("hello");
    c.warn(new Warning("W1", "x", "y"));
    c.error(new Failure("E201", "x", "bad", "Mend it.", 2));
    assertThat(err.toString(StandardCharsets.UTF_8).strip())
        .isEqualTo("error[E201] x: bad. Mend it.");
  }

  @Test
  void details_need_verbose() {
    console(Terminal.NONE, Settings.DEFAULT, Map.of()).detail("hidden");
    console(Terminal.NONE, new Settings(false, false, true, Settings.Color.AUTO), Map.of())
        .detail("shown");
    assertThat(err.toString(StandardCharsets.UTF_8).strip()).isEqualTo("shown");
  }
}
