package io.metalmarlin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.cli.out.Terminal;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  @Test
  void no_command_is_a_usage_error_that_names_the_first_step() {
    CommandLineRun run = CommandLineRun.of();
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("error[E201] marlin: needs a command.").contains("demo");
  }

  @Test
  void an_unknown_flag_is_named_with_the_nearest_known_one() {
    CommandLineRun run = CommandLineRun.of("version", "--jsn");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("--jsn").contains("Did you mean --json?");
  }

  @Test
  void an_unknown_command_is_named_with_the_nearest_known_one() {
    CommandLineRun run = CommandLineRun.of("modles");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("`marlin models`");
  }

  @Test
  void a_usage_error_is_valid_json_when_json_is_among_the_arguments() {
    CommandLineRun run = CommandLineRun.of("models", "--nonsense", "--json");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.json().path("schema").stringValue()).isEqualTo("marlin.models/1");
    assertThat(run.json().path("status").stringValue()).isEqualTo("error");
    assertThat(run.json().path("exit").intValue()).isEqualTo(2);
    assertThat(run.json().path("error").path("code").stringValue()).isEqualTo("E201");
    assertThat(run.json().path("error").path("where").stringValue()).isEqualTo("--nonsense");
    assertThat(run.json().path("error").path("hint").stringValue()).isNotBlank();
  }

  @Test
  void no_stack_trace_reaches_the_screen_for_a_usage_error() {
    assertThat(CommandLineRun.of("version", "x").err()).doesNotContain("\tat ").hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "-h", "help"})
  void help_goes_to_stdout_and_exits_0(String word) {
    CommandLineRun run = CommandLineRun.of(word);
    assertThat(run.exit()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("Usage: marlin").contains("version").contains("Exit codes:");
  }

  @Test
  void trust_remote_code_is_answered_with_a_warning() {
    CommandLineRun run = CommandLineRun.of("models", "--trust-remote-code", "--json");
    assertThat(run.exit()).isZero();
    assertThat(run.err()).contains("warning[W101] --trust-remote-code").contains("never runs code");
    assertThat(run.json().path("warnings").get(0).path("code").stringValue()).isEqualTo("W101");
  }

  @Test
  void quiet_silences_warnings_but_keeps_them_in_the_envelope() {
    CommandLineRun run = CommandLineRun.of("models", "--trust-remote-code", "--json", "--quiet");
    assertThat(run.err()).isEmpty();
    assertThat(run.json().path("warnings").size()).isEqualTo(1);
  }

  @Test
  void an_argument_that_starts_with_an_at_sign_is_not_read_as_a_file() {
    assertThat(CommandLineRun.of("completion", "@fish").err()).contains("completion @fish");
  }

  @Test
  void color_marks_errors_on_a_terminal_only() {
    String escape = "\033[";
    Path here = Path.of("");
    Terminal tty = new FakeTerminal(80);
    assertThat(CommandLineRun.in(here, tty, Map.of(), "x").err()).contains(escape);
    assertThat(CommandLineRun.in(here, Terminal.NONE, Map.of(), "x").err()).doesNotContain(escape);
    assertThat(CommandLineRun.in(here, tty, Map.of("NO_COLOR", "1"), "x").err())
        .doesNotContain(escape);
    assertThat(CommandLineRun.in(here, tty, Map.of("TERM", "dumb"), "x").err())
        .doesNotContain(escape);
  }
}
