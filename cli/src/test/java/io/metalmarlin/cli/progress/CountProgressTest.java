package io.metalmarlin.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.cli.FakeTerminal;
import io.metalmarlin.cli.out.Console;
import io.metalmarlin.cli.out.Settings;
import io.metalmarlin.cli.out.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CountProgressTest {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private double now;

  private CountProgress on(Terminal terminal) {
    return new CountProgress(console(terminal), "window", () -> now);
  }

  private Console console(Terminal terminal) {
    return new Console(
        new PrintStream(OutputStream.nullOutputStream()),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        terminal,
        Map.of(),
        Settings.DEFAULT);
  }

  @Test
  void the_eta_is_the_measured_rate_times_what_is_left() {
    CountProgress p = on(new FakeTerminal(80));
    p.windows(0, 8);
    now = 4;
    p.windows(2, 8);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualTo("\r\033[Kwindow 0/8\r\033[Kwindow 2/8  ETA 12.0 s");
  }

  @Test
  void a_share_is_shown_in_percent() {
    CountProgress p = on(new FakeTerminal(80));
    now = 1;
    p.share(0.25);
    assertThat(err.toString(StandardCharsets.UTF_8)).endsWith("window 25 %  ETA 3.00 s");
  }

  @Test
  void without_a_terminal_long_work_shows_some_lines() {
    CountProgress p = new CountProgress(console(Terminal.NONE), "trial", () -> now, 2);
    for (int done = 1; done <= 8; done++) {
      now = done;
      p.windows(done, 8);
    }
    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualTo("trial 1/8  ETA 7.00 s\ntrial 4/8  ETA 4.00 s\ntrial 8/8  ETA 0.00 s\n");
  }

  @Test
  void without_a_terminal_nothing_is_shown() {
    CountProgress p = on(Terminal.NONE);
    p.windows(8, 8);
    p.share(1);
    assertThat(err.size()).isZero();
  }
}
