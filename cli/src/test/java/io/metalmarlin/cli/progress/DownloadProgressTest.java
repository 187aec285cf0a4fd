package io.metalmarlin.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.cli.FakeTerminal;
import io.metalmarlin.cli.out.Console;
import io.metalmarlin.cli.out.Settings;
import io.metalmarlin.cli.out.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DownloadProgressTest {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private double now;

  private DownloadProgress progress(Terminal terminal) {
    PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
    return new DownloadProgress(
        new Console(stream, stream, terminal, Map.of(), Settings.DEFAULT), () -> now);
  }

  private String shown() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void the_time_left_is_that_of_the_measured_rate() {
    DownloadProgress progress = progress(new FakeTerminal(80));
    progress.started("org/name", "0123456789abcdef", 3, 100 << 20, 20 << 20);
    now = 2;
    progress.bytes(40 << 20);
    assertThat(shown())
        .contains("org/name  60.0 MiB of 100.0 MiB  20.0 MiB/s  ETA 2.00 s")
        .contains("3 files, 100.0 MiB, 20.0 MiB of them are here already");
  }

  @Test
  void time_between_two_groups_of_files_does_not_count() {
    DownloadProgress progress = progress(new FakeTerminal(80));
    progress.started("org/name", "0123456789abcdef", 1, 10 << 20, 0);
    now = 1;
    progress.bytes(10 << 20);
    now = 1000;
    progress.started("org/name", "0123456789abcdef", 1, 40 << 20, 0);
    now = 1001;
    progress.bytes(20 << 20);
    assertThat(shown()).contains("org/name  30.0 MiB of 50.0 MiB  20.0 MiB/s  ETA 1.00 s");
  }

  @Test
  void without_a_terminal_there_is_one_line() {
    DownloadProgress progress = progress(Terminal.NONE);
    progress.started("org/name", "0123456789abcdef", 1, 1 << 20, 0);
    now = 2;
    progress.bytes(1 << 20);
    assertThat(shown()).isEqualTo("downloading org/name at 0123456789ab: 1 file, 1.00 MiB\n");
  }
}
