package io.metalmarlin.cli.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.cli.CommandLineRun;
import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Recipe files that are refused, each with its place, and the few forms that are taken.
class RecipeFileTest {
  @TempDir Path work;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "shceme: W4A16|1:1: shceme is not a key of a recipe. Did you mean scheme?",
        "'method: rtn\ngroup-size: 64'|2:1: group-size is not a key of a recipe. Did you mean group_size?",
        "xyzzy: 1|1:1: xyzzy is not a key of a recipe. docs",
        "'<<: {scheme: W4A16}'|1:1: << is not a key of a recipe.",
        "threads: 3|1:1: threads does not decide what is made",
        "'seed: 1\nseed: 2'|2:1: seed is given twice, first in line 1",
        "'override: {a: W8A16, a: W4A16}'|1:22: a is given twice",
        "samples: abc|1:1: --samples abc: is not a whole number",
        "'seed: 1\nsamples: 1.5'|2:1: --samples 1.5: ",
        "scheme: --help|1:1: --scheme: needs a value",
        "gate_on: maybe|1:1: --gate-on maybe: is not one of bound, mean",
        "no_fallback: maybe|1:14: no_fallback is maybe, neither true nor false",
        "'scheme: [W4A16]'|1:10: scheme is a list or a mapping; it takes one value",
        "'scheme: {a: b}'|1:10: scheme is a list or a mapping; it takes one value",
        "'ignore: {a: b}'|1:10: ignore is a mapping; it takes a list",
        "'ignore: [a, [b]]'|1:13: ignore is nested deeper than any value",
        "'override: {a: [b]}'|1:15: override is nested deeper than any value",
        "scheme:|1:8: scheme has no value",
        "'[scheme]: W4A16'|1:1: has a list or a mapping as a key",
        "'ignore: &a [x]'|1:9: ignore uses an anchor or an alias",
        "'ignore: *a'|1:9: ignore uses an anchor or an alias",
        "'scheme: !!str W4A16'|1:9: scheme has a tag",
        "'scheme: !java.io.File x'|1:9: scheme has a tag",
        "'--- {seed: 1}\n--- {seed: 2}'|2:1: begins a second document",
        "'- scheme'|1:1: is no mapping of keys to values",
        "W4A16|1:1: is no mapping of keys to values",
        "[[[[[[[[[[|1:1: is no mapping of keys to values",
        "'scheme: [a'|1:11: is not YAML: ",
        "'scheme: W4A16: x'|1:14: is not YAML: mapping values are not allowed here",
        "'version: 2'|1:10: version is 2; this program knows version 1",
      })
  void a_recipe_that_is_wrong_is_refused_with_its_place(String text, String error)
      throws IOException {
    CommandLineRun run = plan(text.getBytes(StandardCharsets.UTF_8));
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .startsWith("error[E202] " + work.resolve("r.yaml") + ":" + error)
        .doesNotContain("\tat ");
  }

  @Test
  void what_is_no_small_text_is_refused() throws IOException {
    assertThat(plan(new byte[0]).err()).contains("E202", "is empty");
    assertThat(plan("# nothing\n".getBytes(StandardCharsets.UTF_8)).err()).contains("is empty");
    assertThat(plan(new byte[] {(byte) 0xff}).err()).contains("E202", "is not UTF-8 text");
    assertThat(plan("seed: 1\nscheme: \u0007".getBytes(StandardCharsets.UTF_8)).err())
        .contains("r.yaml:2:9: has the character U+0007");
    assertThat(plan(new byte[RecipeText.LARGEST + 1]).err()).contains("more than the 4194304");
    assertThat(CommandLineRun.of("plan", "M", "--recipe", work.toString()).err())
        .contains("E202", "is no file");
    assertThat(CommandLineRun.of("plan", "M", "--recipe", "no-such").err())
        .contains("error[E202] --recipe no-such: does not exist");
    assertThat(CommandLineRun.of("plan", "M", "--recipe").err()).contains("E201", "--recipe");
  }

  /// A recipe cannot smuggle in a flag that is no key: what it says is a value or a model's name.
  @Test
  void a_value_is_never_a_flag() throws IOException {
    Files.writeString(work.resolve("r.yaml"), "model: --version\n");
    CommandLineRun run = CommandLineRun.of("plan", "--recipe", work.resolve("r.yaml").toString());
    assertThat(run.exit()).isEqualTo(5);
    assertThat(run.err()).startsWith("error[E501] --version");
  }

  @Test
  void the_forms_of_a_list_are_one_text_a_list_and_a_mapping() {
    Path file = Path.of("r");
    List<RecipeEntry.Item> items =
        RecipeFile.parse(
                file, "override:\n  a: W8A16\n  \"re:.*b=c\": source\nignore: x\nseed: 1 # one\n")
            .get("override")
            .items();
    assertThat(items)
        .containsExactly(
            new RecipeEntry.Item("a=W8A16", new Place(file, 2, 3)),
            new RecipeEntry.Item("re:.*b=c=source", new Place(file, 3, 3)));
  }

  @Test
  void changed_recipes_are_read_or_refused_and_nothing_else() {
    byte[] sound =
        "# c\nversion: 1\nscheme: W4A16\noverride: {\"re:.*\": W8A16}\nignore:\n- a\n- 'b'\nseed: 1\n"
            .getBytes(StandardCharsets.UTF_8);
    byte[] letters = "[]{}:-,&*!|>'\"%@`#? \n\t\0a1\u00e9".getBytes(StandardCharsets.UTF_8);
    Random random = new Random(1);
    int refused = 0;
    for (int n = 0; n < 20_000; n++) {
      byte[] text = sound.clone();
      for (int c = random.nextInt(1, 6); c > 0; c--) {
        text[random.nextInt(text.length)] = letters[random.nextInt(letters.length)];
      }
      try {
        RecipeFile.parse(Path.of("r"), new String(text, StandardCharsets.UTF_8));
      } catch (MarlinException e) {
        refused++;
      }
    }
    assertThat(refused).isBetween(5_000, 19_999);
  }

  private CommandLineRun plan(byte[] recipe) throws IOException {
    Path file = Files.write(work.resolve("r.yaml"), recipe);
    return CommandLineRun.of("plan", "M", "--recipe", file.toString());
  }
}
