package io.metalmarlin.tests.house;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.cli.command.Marlin;
import io.metalmarlin.cli.recipe.RecipeKeys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/// The pages that a newcomer reads: they are there, their links lead somewhere, their commands
/// exist.
class DocumentsTest {
  private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)(?:\\s\"[^\"]*\")?\\)");

  /// A command line in a code block: at the start of a line, perhaps behind a prompt.
  private static final Pattern COMMAND =
      Pattern.compile("^\\s*(?:\\$ )?(?:[A-Z_]+=\\S+ )*(?:\\./)?marlin ([a-z]\\S*)(.*)$");

  private static final Pattern FLAG = Pattern.compile("(?<=\\s)--?[a-z][a-z0-9-]*");

  @ParameterizedTest
  @ValueSource(
      strings = {"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE"})
  void is_there(String page) {
    assertThat(Repository.ROOT.resolve(page)).isNotEmptyFile();
  }

  @ParameterizedTest
  @ValueSource(strings = {"marlin", ".ci/run"})
  void can_be_started(String script) {
    assertThat(Repository.ROOT.resolve(script)).isExecutable();
  }

  @Test
  void the_licence_is_apache_2() {
    assertThat(Repository.text(Path.of("LICENSE"))).contains("Apache License", "Version 2.0");
  }

  @Test
  void every_relative_link_leads_to_a_file() {
    List<String> broken = new ArrayList<>();
    for (Path page : Repository.files(".md")) {
      Matcher link = LINK.matcher(withoutCode(Repository.text(page)));
      while (link.find()) {
        String to = link.group(1).replaceFirst("#.*", "");
        if (!to.matches("[a-z]+:.*") && !to.isEmpty() && !Files.exists(at(page, to))) {
          broken.add(page + " -> " + to);
        }
      }
    }
    assertThat(broken).as("links to files that are not there").isEmpty();
  }

  @Test
  void every_command_that_is_shown_exists_with_its_flags() {
    Map<String, CommandLine> commands = Marlin.parser().getSubcommands();
    List<String> wrong = new ArrayList<>();
    int shown = 0;
    for (Path page : Repository.files(".md")) {
      for (String line : codeLines(Repository.text(page))) {
        Matcher command = COMMAND.matcher(line);
        if (!command.matches()) {
          continue;
        }
        shown++;
        CommandLine known = commands.get(command.group(1));
        if (known == null) {
          wrong.add(page + ": no command in " + line.strip());
          continue;
        }
        Matcher flag = FLAG.matcher(command.group(2).replaceFirst("#.*", ""));
        while (flag.find()) {
          if (!known.getCommandSpec().optionsMap().containsKey(flag.group())) {
            wrong.add(page + ": no flag " + flag.group() + " in " + line.strip());
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(shown).as("command lines shown").isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"quantize", "plan"})
  void every_key_of_a_recipe_is_named(String command) {
    CommandLine known = Marlin.parser().getSubcommands().get(command);
    String page = Repository.text(Path.of("docs", "recipes.md"));
    assertThat(RecipeKeys.of(known.getCommandSpec()).keySet())
        .isNotEmpty()
        .allSatisfy(key -> assertThat(page).contains("`" + key + "`"));
  }

  private static Path at(Path page, String link) {
    return Repository.ROOT.resolve(page).resolveSibling(link);
  }

  private static String withoutCode(String markdown) {
    return markdown.replaceAll("(?s)```.*?```", "").replaceAll("`[^`\n]*`", "");
  }

  /// Lines of fenced blocks, a line that ends in a backslash joined with the next.
  private static List<String> codeLines(String markdown) {
    return Pattern.compile("(?s)```[^\n]*\n(.*?)```")
        .matcher(markdown)
        .results()
        .map(r -> r.group(1).replaceAll("\\\\\n\\s*", " "))
        .flatMap(b -> Stream.of(b.split("\n")))
        .toList();
  }
}
