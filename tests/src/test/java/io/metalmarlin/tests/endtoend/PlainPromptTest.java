package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.tests.support.AsciiTokenizer;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A text that is continued has the begin token before it that the tokenizer puts there, once;
/// perplexities are of the text alone.
class PlainPromptTest {
  private static final int A = AsciiTokenizer.id('a');

  @TempDir Path work;
  private Path model;

  @BeforeEach
  void model() throws IOException {
    model = Folders.copy(Shared.path("models", "tiny", "llama"), work.resolve("llama"));
  }

  @Test
  void the_begin_token_is_put_before_a_text() throws IOException {
    AsciiTokenizer.writeWithBegin(model);
    assertThat(prompt("aa")).containsExactly(AsciiTokenizer.BEGIN_ID, A, A);
  }

  @Test
  void a_text_that_begins_with_it_gets_no_second_one() throws IOException {
    AsciiTokenizer.writeWithBegin(model);
    assertThat(prompt("~a")).containsExactly(AsciiTokenizer.BEGIN_ID, A);
  }

  @Test
  void a_tokenizer_without_one_puts_nothing_there() throws IOException {
    AsciiTokenizer.write(model);
    assertThat(prompt("aa")).containsExactly(A, A);
  }

  @Test
  void eval_scores_the_text_alone() throws IOException {
    Path text = Files.writeString(work.resolve("text.txt"), "the quick brown fox ".repeat(40));
    AsciiTokenizer.write(model);
    JsonNode without = eval(text);
    AsciiTokenizer.writeWithBegin(model);
    assertThat(eval(text)).isEqualTo(without);
  }

  private List<Integer> prompt(String text) {
    return Cli.run("run", model, "--raw", "-p", text, "-n", 1, "--json")
        .ok()
        .result()
        .get("prompt_ids")
        .valueStream()
        .map(JsonNode::intValue)
        .toList();
  }

  private JsonNode eval(Path text) {
    return Cli.run("eval", model, "--text", text, "--context", 64, "--json")
        .ok()
        .result()
        .get("perplexity");
  }
}
