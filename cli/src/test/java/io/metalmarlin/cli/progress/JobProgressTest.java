package io.metalmarlin.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.cli.FakeTerminal;
import io.metalmarlin.cli.out.Console;
import io.metalmarlin.cli.out.Settings;
import io.metalmarlin.cli.out.Terminal;
import io.metalmarlin.quant.job.LayerReport;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JobProgressTest {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private double now;

  private String run(Terminal terminal, boolean quiet) {
    Settings settings = new Settings(false, quiet, false, Settings.Color.AUTO);
    Console console =
        new Console(
            new PrintStream(OutputStream.nullOutputStream()),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            terminal,
            Map.of(),
            settings);
    JobProgress p = new JobProgress(console, "", 60, () -> now);
    p.stage("copy");
    for (int b = 0; b < 3; b++) {
      p.blockStarted(b, 3);
      now += 5;
      p.progress(0.5, 1);
      p.weightDone(report());
      now += 5;
      p.blockDone(b, 3);
    }
    p.stage("proof");
    console.endLive();
    return err.toString(StandardCharsets.UTF_8);
  }

  private static LayerReport report() {
    return new LayerReport(
        "m.0.q",
        "NVFP4A16",
        "gptq",
        8,
        16,
        4.5,
        0,
        0.008,
        0.004,
        2000,
        1,
        null,
        0.01,
        0,
        0,
        0,
        "none",
        "none",
        0.1);
  }

  @Test
  void without_a_terminal_there_is_one_plain_line_per_block() {
    String text = run(Terminal.NONE, false);
    assertThat(text).doesNotContain("\r").doesNotContain("\033").hasLineCount(3);
    assertThat(text.lines())
        .allSatisfy(
            l -> assertThat(l).startsWith("block ").contains("10.0 s").contains("4.00e-03"));
    assertThat(text).contains("block 1/3").contains("200 tok/s").contains("ETA 20.0 s");
  }

  @Test
  void on_a_terminal_one_line_rewrites_itself() {
    String text = run(new FakeTerminal(200), false);
    assertThat(text).doesNotContain("\n").contains("\r\033[K").contains("block 2/3 50 %");
    assertThat(text).contains("ETA about 60.0 s").contains("ETA 20.0 s").endsWith("\r\033[K");
  }

  @Test
  void quiet_is_silent() {
    assertThat(run(new FakeTerminal(200), true)).isEmpty();
    assertThat(run(Terminal.NONE, true)).isEmpty();
  }
}
