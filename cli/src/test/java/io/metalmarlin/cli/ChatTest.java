package io.metalmarlin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.cli.out.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `marlin run` with a chat template, on the embedded demo model.
class ChatTest {
  @TempDir static Path folder;
  private static String template;

  @BeforeAll
  static void writeATemplate() throws IOException {
    Path file = folder.resolve("chatml.jinja");
    Files.writeString(
        file,
        "{%- if messages|length > 5 %}{{ raise_exception('too long') }}{% endif -%}"
            + "{%- for m in messages -%}"
            + "{{ '<|im_start|>' ~ m.role ~ '\\n' ~ m.content ~ '<|im_end|>\\n' }}"
            + "{%- endfor -%}"
            + "{%- for t in tools or [] %}{{ t.name }}\n{% endfor -%}"
            + "{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif -%}");
    template = file.toString();
  }

  private static CommandLineRun run(String input, String... arguments) {
    Map<String, String> environment = Map.of("XDG_CACHE_HOME", folder.resolve("cache").toString());
    return CommandLineRun.typing(input, folder, Terminal.NONE, environment, arguments);
  }

  @Test
  void a_prompt_goes_through_the_template() throws IOException {
    Path tools = folder.resolve("tools.json");
    Files.writeString(tools, "[{\"name\":\"abc\"}]");
    String[] plain = {"run", "demo", "--raw", "-n", "4", "--json", "-p"};
    String whole =
        "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nHi<|im_end|>\nabc\n<|im_start|>assistant\n";
    CommandLineRun raw = run("", append(plain, whole));
    CommandLineRun chat =
        run(
            "",
            "run",
            "demo",
            "-p",
            "Hi",
            "--system",
            "S",
            "--tools",
            tools.toString(),
            "--template",
            template,
            "-n",
            "4",
            "--json");
    assertThat(chat.exit()).as(chat.err()).isZero();
    assertThat(SchemaCheck.envelope(chat.json())).isEmpty();
    JsonNode result = chat.json().path("result");
    assertThat(result.path("prompt_ids")).isEqualTo(raw.json().path("result").path("prompt_ids"));
    assertThat(result.path("text")).isEqualTo(raw.json().path("result").path("text"));
    assertThat(result.path("template").stringValue()).isEqualTo("chatml.jinja");
    assertThat(raw.json().path("result").path("template").isNull()).isTrue();
  }

  private static String[] append(String[] some, String last) {
    String[] all = java.util.Arrays.copyOf(some, some.length + 1);
    all[some.length] = last;
    return all;
  }

  @Test
  void a_dash_reads_standard_input() {
    CommandLineRun typed = run("Once upon", "run", "demo", "-p", "-", "-n", "3", "--json");
    assertThat(typed.json().path("result").path("prompt").stringValue()).isEqualTo("Once upon");
  }

  @Test
  void a_chat_answers_line_by_line_and_keeps_what_it_computed() {
    CommandLineRun chat =
        run(
            "Hi\n\nAnd you?\n/exit\nnever\n",
            "run",
            "demo",
            "--chat",
            "--template",
            template,
            "-n",
            "3",
            "--verbose");
    assertThat(chat.exit()).as(chat.err()).isZero();
    assertThat(chat.out().lines().count()).isGreaterThanOrEqualTo(2);
    assertThat(chat.err()).containsPattern("[1-9]\\d* prompt tokens were cached");
    assertThat(chat.err().split("tok/s; produced", -1)).hasSize(3);
  }

  @Test
  void reset_begins_anew_and_the_end_of_the_input_ends() {
    String line = "Hi\n/reset\n";
    CommandLineRun chat =
        run(line.repeat(4) + "/help\n", "run", "demo", "--chat", "--template", template, "-n", "1");
    assertThat(chat.exit()).as(chat.err()).isZero();
    assertThat(chat.err()).contains("begins anew").contains("no command /help");
  }

  @Test
  void input_that_is_not_utf8_is_refused() {
    byte[] input = {'a', '\n', 'b', (byte) 0xE9, '\n'};
    Map<String, String> none = Map.of();
    CommandLineRun prompt =
        CommandLineRun.reading(input, folder, Terminal.NONE, none, "run", "demo", "-n", "1");
    assertThat(prompt.exit()).isEqualTo(5);
    assertThat(prompt.err())
        .contains("E502] standard input")
        .contains("byte 0xe9 at offset 3 of 5");
    String[] chat = {"run", "demo", "--chat", "--template", template, "-n", "1"};
    CommandLineRun piped = CommandLineRun.reading(input, folder, Terminal.NONE, none, chat);
    assertThat(piped.exit()).isEqualTo(5);
    assertThat(piped.err()).contains("line 2 of standard input").contains("offset 1 of 2");
  }

  @Test
  void somebody_at_a_terminal_may_type_again_what_was_not_utf8() {
    byte[] input = {(byte) 0xE9, '\n', 'a', '\n'};
    String[] chat = {"run", "demo", "--chat", "--template", template, "-n", "1"};
    CommandLineRun typed =
        CommandLineRun.reading(input, folder, new Screen(), Map.of("TERM", "dumb"), chat);
    assertThat(typed.exit()).as(typed.err()).isZero();
    assertThat(typed.err()).contains("line 1 of standard input").contains("it was not sent");
    assertThat(typed.out().lines().count()).isEqualTo(1);
  }

  /// Everything is a terminal.
  private record Screen() implements Terminal {
    @Override
    public boolean isTerminal(int descriptor) {
      return true;
    }

    @Override
    public int columns() {
      return 80;
    }
  }

  @Test
  void a_template_may_refuse() {
    CommandLineRun chat =
        run("a\n".repeat(4), "run", "demo", "--chat", "--template", template, "-n", "1");
    assertThat(chat.exit()).isEqualTo(5);
    assertThat(chat.err()).contains("error[E511]").contains("line 1").contains("too long");
  }

  @Test
  void without_a_template_a_chat_is_refused_and_a_prompt_is_continued() {
    CommandLineRun chat = run("", "run", "demo", "--chat");
    assertThat(chat.exit()).isEqualTo(5);
    assertThat(chat.err()).contains("no chat template").contains("--template").contains("--raw");
    assertThat(run("", "run", "demo", "-p", "a", "-n", "1").exit()).isZero();
    assertThat(run("", "run", "demo", "-p", "a", "--system", "x").exit()).isEqualTo(5);
  }

  @Test
  void flags_that_would_do_nothing_are_refused() {
    String[][] refused = {
      {"--chat", "-p", "x"},
      {"--chat", "--raw"},
      {"--chat", "--json"},
      {"--raw", "--system", "x", "-p", "x"},
      {"-p", "x", "--top-k", "4"},
      {"-p", "x", "--temp", "0", "--top-k", "4"},
      {"-p", "x", "--temp", "1", "--top-k", "-4"},
      {"-p", "x", "--template", "nowhere"}
    };
    for (String[] flags : refused) {
      String[] all = new String[flags.length + 2];
      System.arraycopy(new String[] {"run", "demo"}, 0, all, 0, 2);
      System.arraycopy(flags, 0, all, 2, flags.length);
      assertThat(run("", all).exit()).as(String.join(" ", flags)).isEqualTo(2);
    }
  }

  @Test
  void a_conversation_that_does_not_fit_says_so() {
    CommandLineRun chat =
        run("a b c d ".repeat(1000) + "\n", "run", "demo", "--chat", "--template", template);
    assertThat(chat.exit()).isEqualTo(2);
    assertThat(chat.err()).contains("the model holds 2048").contains("/reset");
  }
}
